import type { Written } from "./names.ts";

/** Explain, describe, sum up, at any length and for any reader. */
export const explanations: Written = {
  summary: [
    "Explain in one sentence what a glacier is.",
    "Summarise the main ideas of the theory of plate tectonics.",
    "In two sentences: what is dark matter, and how do we know of it?",
    "Briefly describe how a sewing machine makes a stitch.",
    "In brief, how is the European Parliament elected?",
    "Sum up what the excavation has shown so far, for readers of a local paper.",
    "Give me a short summary of how the immune system tells friend from foe.",
    "In a few sentences, what was the silk road and why did it lose its weight?",
    "I have five minutes before a meeting about pensions. In short, how does a funded scheme work, and what is the alternative?",
  ],
  open: [
    "What is fermentation?",
    "How does a lock lift a boat?",
    "explain entropy like I'm five",
    "Describe the life of a salmon from egg to spawning.",
    "What is meant by the separation of powers?",
    "How do noise-cancelling headphones work?",
    "What does a notary do, and why is one needed for the sale of a house?",
    "Tell me about the craft of making paper by hand.",
    "Why is the sky blue and the evening red?",
    "My son has been told that he has dyslexia. What is that, what is it not, and what usually helps?",
  ],
  comparison: [
    "Explain the difference between weather and climate.",
    "How does a democracy by representation differ from a direct one?",
    "Compare how birds and insects fly.",
  ],
  "how-to": [
    "Explain how to read a topographic map.",
    "How do you tune a piano, roughly, and why can it not be perfect?",
    "Describe how to make sourdough for someone who has never baked.",
    "Show me how to tell a good source from a bad one.",
  ],
  "multi-hop": [
    "Explain how the invention of the harness and the three-field system together changed the villages.",
    "How does a mountain range keep the land behind it dry, and what does that mean for the people who live there?",
  ],
  "yes-no": ["Is glass a liquid? Explain.", "Can a person learn to have perfect pitch?"],
  list: [
    "What are the main stages of a star's life?",
    "List the key parts of a sailing boat and what each is for.",
    "Name four styles of architecture with a feature by which to know each.",
  ],
  claim: [
    "Is it a myth that we swallow spiders in our sleep? Verify the claim and explain where it comes from.",
    "True or false, and why: hot water can freeze faster than cold water.",
  ],
  "multiple-choice": [
    [
      "Which sentence describes natural selection best?",
      "animals try to adapt",
      "those that fit better leave more offspring",
      "the strongest survive",
      "nature has a goal",
    ],
    [
      "What does a transformer do?",
      "it stores current",
      "it changes a voltage",
      "it makes direct current",
      "it measures power",
    ],
  ],
  "long-form": [
    "Explain in detail how the heart works, with its valves and its own pacemaker.",
    "Write an introduction to the Baroque for visitors of a museum who know nothing about it.",
    "Give a comprehensive overview of how waste water is cleaned, step by step, and what remains at the end.",
    "Provide a detailed description of the daily life of a monk in a medieval monastery.",
    "Write an article of several hundred words on how coral reefs form, why they bleach and what can be done.",
    "Please give an in-depth explanation of how an election is observed from outside, and of what observers can and cannot see.",
  ],
};
