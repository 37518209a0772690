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
const glass = {
  title: "Glass",
  text: "Glass is made from sand, soda and lime, melted together at about 1,500 degrees. Soda lowers the melting point of the sand, and lime makes the glass last. On 20 January 1959 the Pilkington brothers announced float glass: the melt runs out over a bath of tin and becomes flat on both sides.",
};
const window = {
  title: "Windows",
  text: "A window with two panes lets out about half as much heat as one with a single pane. The gap between the panes is filled with dry air or argon and is 12 to 16 millimetres wide.",
};
const salmon = {
  title: "Salmon",
  text: "Salmon hatch in rivers, swim to the sea and come back to the river of their birth to spawn. They find it by its smell. A female lays about 1,500 eggs for each kilogram that she weighs.",
};
const weir = {
  title: "Fish ladders",
  text: "A fish ladder leads fish around a weir over a row of pools, each about 20 centimetres higher than the one before. On the river Elbe at Geesthacht a ladder with 45 pools was opened in 2010.",
};
/** Six pairs for each paradigm; the first two are the ones of the style `shots`. */
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
    {
      documents: [glass],
      question: "What is float glass melted over?",
      answer: "A bath of tin.",
    },
    {
      documents: [window],
      question: "What is the gap between the panes of a window filled with?",
      answer: "Dry air or argon.",
    },
    {
      documents: [salmon],
      question: "How do salmon find the river of their birth?",
      answer: "They find it by its smell.",
    },
    {
      documents: [weir],
      question: "How many pools does the fish ladder at Geesthacht have?",
      answer: "It has 45 pools.",
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
    {
      documents: [glass, window],
      question: "What is the melt of float glass run over, and how wide is the gap between two panes?",
      answer: "It runs over a bath of tin, and the gap is 12 to 16 millimetres wide.",
    },
    {
      documents: [salmon, weir],
      question: "What do salmon swim up a river for, and what leads them around a weir?",
      answer: "They come back to spawn, and a fish ladder leads them around the weir.",
    },
    {
      documents: [glass, weir],
      question: "How many years after float glass was announced was the fish ladder at Geesthacht opened?",
      answer: "51 years: float glass was announced in 1959 and the ladder was opened in 2010.",
    },
    {
      documents: [salmon, honey],
      question: "Which of the two do salmon and honey need water for: to live in or to keep?",
      answer: "Salmon live in water, while honey keeps because it holds little of it.",
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
    {
      documents: [glass],
      question: "Why is the glass of old windows often uneven?",
      answer: "It was blown or rolled by hand, since the way to make it flat on a bath of metal was not known yet.",
    },
    {
      documents: [window],
      question: "Why do people in cold countries replace windows with a single pane?",
      answer: "Less heat is lost through two panes, so that the house costs less to heat.",
    },
    {
      documents: [salmon],
      question: "Why can a dam make the salmon of a river die out?",
      answer: "The fish can no longer reach the place where they spawn, so that no young fish follow.",
    },
    {
      documents: [weir],
      question: "Why are the steps of a fish ladder low?",
      answer: "Weak and small fish can jump or swim only a little height at a time.",
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
    {
      documents: [glass, window],
      question: "Why are windows with two panes dearer than those with one?",
      answer: "They need twice as much glass, a tight frame and a filling of gas.",
    },
    {
      documents: [salmon, weir],
      question: "Why are fish ladders built where salmon live?",
      answer: "Without them a weir would keep the salmon from the places where they spawn.",
    },
    {
      documents: [honey, window],
      question: "Why does a beekeeper keep honey behind a closed window?",
      answer: "In damp air honey draws water and could spoil.",
    },
    {
      documents: [lighthouse, glass],
      question: "Why did lenses for lighthouses become cheaper in the last century?",
      answer: "Better ways to melt and form glass made large clear pieces easier to make.",
    },
  ],
  "useless-doc": [
    {
      documents: [honey],
      question: "What is an animal doctor called?",
      answer: "An animal doctor is called a veterinarian.",
    },
    { documents: [lighthouse], question: "Which ocean is the largest?", answer: "The Pacific Ocean is the largest." },
    {
      documents: [glass],
      question: "Which metal is liquid at room temperature?",
      answer: "Mercury is liquid at room temperature.",
    },
    {
      documents: [window],
      question: "What is the material of most window frames in old houses?",
      answer: "Most window frames in old houses are made of wood.",
    },
    {
      documents: [salmon],
      question: "Which is the largest fish in the world?",
      answer: "The whale shark is the largest fish in the world.",
    },
    {
      documents: [weir],
      question: "Which is the longest river in Africa?",
      answer: "The Nile is the longest river in Africa.",
    },
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
