import type { Written } from "./names.ts";

/** Why, what follows, which is better: questions that put several facts together. */
export const reasoning: Written = {
  open: [
    "Why do the days get longer after the winter solstice while the weather still gets colder?",
    "Why did the first attempt fail although the same method worked later?",
    "What would happen to the food web of a lake if all its pike were taken out?",
    "How come prices of solar panels fell so fast when the price of the raw material did not?",
    "What explains that the disease spread along the railway lines and not along the rivers?",
    "Our village has had a flood in three of the last ten years and none in the century before. What could have changed, and which of the possible causes could the council do anything about?",
    "why are manhole covers round",
    "What does it tell us about the settlers that they buried their dead facing east?",
  ],
  comparison: [
    "Compare the two proposals by cost, by risk and by who would have to do the work.",
    "What is the difference between correlation and cause, and why does it matter in a study of diets?",
    "Which of the two routes is better for someone who cannot climb stairs, and why?",
    "How do wind and tidal power differ in how well they can be planned?",
    "Contrast the causes of the first and of the second crisis.",
    "Is it cheaper in the long run to repair an old boiler or to replace it? What does the answer depend on?",
    "Which of the three treatments suits a patient with weak kidneys best?",
    "How did the views of the two scholars on the origin of the text differ, and on what evidence did each rely?",
  ],
  "multi-hop": [
    "If the ferry leaves an hour after the last bus arrives, and the bus is late in winter, who can still reach the island on the same day?",
    "The mill closed when the canal froze, and the canal froze in the year of the great storm. Which owner had to close it?",
    "Which of the towns that have a hospital also lies on the new line?",
    "Who would be responsible if a borrowed tool hurt someone at an event that the club had rented the hall for?",
    "How much later did the second observatory find the comet than the one whose director had predicted it?",
    "Given that the alloy loses its strength when heated and that the part sits next to the exhaust, what would you expect to go wrong first?",
    "What do the architect of the library and the founder of the school have in common?",
    "Taking the harvest figures and the export rules together, why did the price of grain rise in a good year?",
  ],
  "yes-no": [
    "Could the two men have known each other, as far as their dates and places go?",
    "Would a shorter working week have helped the factory at that time?",
    "Is a tax on sugar likely to reach those whom it is meant to protect?",
    "Can a species be called native that was brought in by people two thousand years ago?",
  ],
  "multiple-choice": [
    [
      "Which explanation fits all that was observed?",
      "the instrument was faulty",
      "the sample was mixed up",
      "the reaction had already ended",
      "the temperature was too low",
    ],
    [
      "What follows most directly from a fall in the birth rate?",
      "fewer schools in some years",
      "lower rents at once",
      "more emigration",
      "higher wages at once",
    ],
    [
      "A town wants less traffic at its school in the morning. Which measure acts soonest?",
      "a new bypass",
      "a later start for one half of the classes",
      "a cycling campaign",
      "a bigger car park",
    ],
  ],
  "how-to": [
    "How can one tell from its rings whether a tree grew in a wet or in a dry place?",
    "How would you decide which of two conflicting sources to believe?",
    "What is the best way to find out whether a new fertiliser works, with only two fields to try it on?",
  ],
  list: [
    "Give three reasons for and three against moving the market to the square.",
    "What are the main advantages and disadvantages of building with timber?",
  ],
  claim: [
    "Check this claim: since accidents fell after the new limit, the limit is the cause.",
    "Someone argues that a cheaper ticket always fills more seats. Is this statement correct?",
  ],
  "long-form": [
    "Give a thorough analysis of why the reform was accepted in the towns and refused in the country.",
    "Write a report that weighs up restoring the old bridge against building a new one: history, money, traffic, nature. End with a recommendation.",
  ],
};
