import type { Written } from "./names.ts";

/** What people ask about the world: every form, no field in particular. */
export const general: Written = {
  open: [
    "Why does bread go stale faster in the fridge than on the counter?",
    "Who was the first woman to win a Nobel Prize, and what was it for?",
    "what causes the northern lights",
    "How long does sunlight take to reach the Earth?",
    "My grandmother was one of the children who were sent from Finland to Sweden during the war. What was that programme, who organised it, and did most of the children go back?",
    "When were the first traffic lights put up, and what happened to them?",
    "How do vaccines teach the body to recognise a disease that it has never met?",
    "Which countries does the Danube flow through on its way to the sea?",
    "Where does the word “salary” come from?",
    "Why did so many people leave Ireland in the middle of the nineteenth century?",
  ],
  comparison: [
    "What is the difference between a stroke and a heart attack?",
    "I always mix these two up: how does a bacterium differ from a virus when it comes to treatment?",
    "Compare heat pumps and gas boilers for an old, badly insulated house.",
    "Which of the two is older, the University of Bologna or the University of Oxford, and how do we know?",
  ],
  "multi-hop": [
    "Who was head of state of the country that hosted the first football World Cup in the year when it was held?",
    "The scientist after whom the unit of radioactivity is named shared a prize with a married couple. What had the couple discovered?",
    "Which river runs through the capital of the country in which the violin maker Stradivari lived?",
    "If a plant closes its pores in a drought, what does that do to its growth, and why?",
  ],
  "yes-no": [
    "Can you get a sunburn on a cloudy day?",
    "Is it legal in most of Europe to record a telephone call without telling the other side?",
    "Did the Romans know how to make concrete that sets under water?",
    "Do bees die when they sting a person?",
    "Should antibiotics be taken to the end when all the symptoms have gone?",
  ],
  "multiple-choice": [
    ["Which of these gases makes up most of the air that we breathe?", "oxygen", "carbon dioxide", "nitrogen", "argon"],
    [
      "What is the main task of a central bank?",
      "to lend to households",
      "to keep prices stable",
      "to collect taxes",
      "to set the minimum wage",
    ],
    ["Which organ produces insulin?", "the liver", "the pancreas", "the spleen", "the kidneys"],
    [
      "The treaties of Westphalia ended which war?",
      "the Hundred Years' War",
      "the Thirty Years' War",
      "the Seven Years' War",
      "the War of the Roses",
    ],
  ],
  "how-to": [
    "How do I get red wine out of a wool carpet?",
    "How should I store potatoes so that they do not sprout before spring?",
    "We have inherited a house together with two cousins. How do we find out what it is worth, and how can one of us buy out the others?",
    "What are the steps of applying for a patent?",
    "how to prune an old apple tree without harming it",
  ],
  summary: [
    "Explain in two or three sentences what inflation is and who loses by it.",
    "Briefly, what was the Enlightenment?",
    "Sum up for a ten-year-old how the water cycle works.",
    "In one paragraph: what did the Congress of Vienna decide?",
  ],
  list: [
    "Name the planets that have rings.",
    "What are the main causes of deforestation?",
    "List five foods that are rich in iron, with roughly how much they hold.",
    "What are some early signs that a roof needs repair?",
  ],
  claim: [
    "Fact-check: the Great Wall of China can be seen from the Moon.",
    "True or false: lightning never strikes the same place twice.",
    "A colleague says that people use only a tenth of their brain. Is this claim right?",
    "Verify this statement: coffee takes more water from the body than it brings.",
  ],
  "long-form": [
    "Give a detailed account of how the printing press changed Europe in the hundred years after it was invented.",
    "Write a short report on what is known about the effects of shift work on health: sleep, heart, accidents, and what employers can do.",
    "Explain in detail how a bill becomes a law in a country with two chambers.",
    "Provide an overview of the history of the bicycle, from the first running machines to electric bicycles.",
  ],
};
