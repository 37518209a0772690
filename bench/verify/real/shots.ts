/** A pair that shows a model what is wanted. */
export interface Shot {
  documents: readonly { title: string; text: string }[];
  question: string;
  answer: string;
}

const honey = {
  title: "Honey",
  text: "A hive of bees makes 20 to 60 kilograms of honey a year. For one kilogram the bees fly about 150,000 kilometres. Honey keeps for years because it holds less than 18 per cent of water and is acid.",
};
const wax = {
  title: "Beeswax",
  text: "Worker bees sweat wax from glands under the abdomen. They eat about eight kilograms of honey to make one kilogram of wax, which melts at 63 degrees.",
};
const lighthouse = {
  title: "Lighthouses",
  text: "The lamp of a lighthouse stands before a Fresnel lens, which Augustin Fresnel built in 1822. The lens throws the light in one beam that can be seen from more than 30 kilometres away.",
};
const fog = {
  title: "Fog signals",
  text: "Where fog hides the light, a horn sounds. The first steam whistle for fog was set up on Partridge Island in Canada in 1859.",
};
/** Two pairs for each paradigm. */
export const shots: Readonly<Record<string, readonly Shot[]>> = {
  "single-doc-answer": [
    {
      documents: [honey],
      question: "Why does honey keep for years?",
      answer: "Because it holds less than 18 per cent of water and is acid.",
    },
    {
      documents: [lighthouse],
      question: "Who built the lens that lighthouses use, and when?",
      answer: "Augustin Fresnel, in 1822.",
    },
  ],
  "multi-doc-answer": [
    {
      documents: [honey, wax],
      question: "How many kilometres do bees fly for the honey that goes into one kilogram of wax?",
      answer: "About 1,200,000 kilometres: eight kilograms of honey at 150,000 kilometres each.",
    },
    {
      documents: [lighthouse, fog],
      question: "How many years after Fresnel's lens was the first steam whistle for fog set up?",
      answer: "37 years, from 1822 to 1859.",
    },
  ],
  "single-doc-support": [
    {
      documents: [honey],
      question: "Why should a jar of honey be closed well in a damp kitchen?",
      answer:
        "Honey draws water from damp air, and once it holds too much of it, yeasts can grow and the honey ferments.",
    },
    {
      documents: [lighthouse],
      question: "Why are lighthouses built high above the sea?",
      answer: "The earth is round, so a higher lamp is seen from farther away before it sinks below the horizon.",
    },
  ],
  "multi-doc-support": [
    {
      documents: [honey, wax],
      question: "Why do beekeepers give the empty combs back to the bees?",
      answer: "Making new wax would cost the bees much honey, so with old combs they store more of it.",
    },
    {
      documents: [lighthouse, fog],
      question: "Why does a harbour keep both a lighthouse and a horn?",
      answer: "A beam reaches far in clear air but not through fog, where only sound helps ships.",
    },
  ],
  "useless-doc": [
    {
      documents: [honey],
      question: "What is an animal doctor called?",
      answer: "An animal doctor is called a veterinarian.",
    },
    { documents: [lighthouse], question: "Which ocean is the largest?", answer: "The Pacific Ocean is the largest." },
  ],
};

/** What each paradigm asks for, in a sentence. */
export const wants: Readonly<Record<string, string>> = {
  "single-doc-answer": "Write one question that the text answers, and the answer as the text gives it.",
  "multi-doc-answer": "Write one question that needs both texts, and its answer.",
  "single-doc-support":
    "Write one question for which the text helps but does not say the answer, and answer it by thinking.",
  "multi-doc-support":
    "Write one question for which both texts help but do not say the answer, and answer it by thinking.",
  "useless-doc":
    "Write one question on the same subject that the text does not answer, and answer it from what you know.",
};
