import type { Written } from "./names.ts";

/** Who, when, where, how many: people, places, events and works. */
export const facts: Written = {
  open: [
    "Who designed the Sydney Opera House?",
    "when did the last king of Hawaii die",
    "Where is the oldest botanical garden that is still in its first place?",
    "How many lighthouses did the Stevenson family build?",
    "What was the name of the ship on which Darwin sailed around the world, and who was its captain?",
    "Which painter lived in the yellow house in Arles?",
    "In which year was the first underground railway opened, and between which stations did it run?",
    "Who succeeded Dag Hammarskjöld at the head of the United Nations?",
    "How tall was the tower before its spire burnt down?",
    "I am writing a family history. My great-grandfather worked at the shipyard that built the Titanic. Where was it, how many people worked there in those years, and what became of it?",
    "What did the expedition find when it reached the source of the river?",
    "Why was the composer dismissed from his post at court?",
    "Whose idea was it to hold the festival every second year, and since when has it been so?",
    "What prize did she receive for her work on the structure of penicillin?",
  ],
  comparison: [
    "Which was built first, the cathedral or the town hall, and by how many years?",
    "Who ruled longer, Louis XIV or Queen Victoria?",
    "What is the difference between the first edition of the book and the one that is read in schools?",
    "Compare the careers of the two brothers: where did each study, and what is each known for?",
  ],
  "multi-hop": [
    "Where was the architect born who designed the tallest building of the city?",
    "Which university did the founder of the company attend that later bought the newspaper?",
    "How old was the inventor of the safety lamp when the mine disaster happened that led him to it?",
    "Who is the author of the novel on which the film is based that won the festival's main prize in its first year?",
    "In what year did the club move into the stadium in which the national team plays its home matches?",
    "Which treaty ended the war in which the general lost his arm?",
  ],
  "yes-no": [
    "Was Cleopatra of Egyptian descent?",
    "Did the two explorers ever meet?",
    "Has the record that was set at those games been broken since?",
  ],
  "multiple-choice": [
    ["Who wrote the opera “Fidelio”?", "Mozart", "Beethoven", "Weber", "Schubert"],
    ["Which city was the capital of the country before Brasília?", "São Paulo", "Salvador", "Rio de Janeiro", "Recife"],
    ["In which century was the bridge built?", "the twelfth", "the fourteenth", "the sixteenth", "the eighteenth"],
  ],
  list: [
    "List the presidents of the society in the order in which they served.",
    "Name three buildings by the same architect and where they stand.",
    "What are the main works of the poet, and when did each appear?",
    "Which members of the crew came back? Give me their names and what they did afterwards.",
  ],
  claim: [
    "True or false: the telephone was patented by two people on the same day.",
    "Check this claim: the town has had a market since the Middle Ages.",
    "I read that Marie Curie's notebooks are still radioactive. Is this statement accurate?",
  ],
  summary: [
    "Who was Ada Lovelace? Two sentences are enough.",
    "Summarise what is known of the sinking: date, place, cause, victims.",
  ],
  "long-form": [
    "Write a short biography of the founder: childhood, training, the years abroad, the works for which she is remembered.",
    "Give a detailed account of the siege, from the first shots to the surrender, with the dates.",
  ],
};
