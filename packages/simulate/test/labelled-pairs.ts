import { type Pair, type Passage, type SeededRandom, seededRandom } from "@rag-instruct/core";
import { type Cloze, findCloze, holdsWord, otherTerm } from "./cloze.ts";
import type { LabelledPair, Material } from "./labelled-pair.ts";
import { rightPairs } from "./right-pairs.ts";
import { wrongPairs } from "./wrong-pairs.ts";

/** Questions that no pair of the set resembles. */
const exemplarQuestions = [
  "How tall is the Eiffel Tower in Paris, and who designed it?",
  "Describe the life cycle of a butterfly for a class of ten-year-olds.",
  "Which of Shakespeare's plays is set in Verona?",
];

/**
 * A labelled set from any passages: `each` pairs of every kind, right and wrong, or right ones alone. The same seed gives the same set,
 * and right ones alone are those of the whole set.
 */
export function labelledPairs(
  passages: readonly Passage[],
  { each, seed = 1, rightAlone = false }: { each: number; seed?: number; rightAlone?: boolean },
): LabelledPair[] {
  const makers = rightAlone ? rightPairs : [...rightPairs, ...wrongPairs];
  return makers.flatMap((make, k) =>
    Array.from({ length: each }, (_, i) => {
      const random = seededRandom(seed, "labelled", k, i);
      const question = random.pick(exemplarQuestions);
      const made = make.from(drawMaterial(passages, random), question);
      const pair: Pair = {
        id: `${make.kind}-${make.paradigm}-${k}-${i}`,
        paradigm: make.paradigm,
        exemplarId: `e${k}-${i}`,
        model: "made",
        ...made,
      };
      return { pair, kind: make.kind, exemplar: { id: pair.exemplarId, question }, reasons: make.reasons };
    }),
  );
}

function drawMaterial(passages: readonly Passage[], random: SeededRandom): Material {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const [first, second, third] = Array.from({ length: 3 }, () => findCloze(random.pick(passages), random));
    const other = first && otherTerm(first, random);
    if (first && second && third && other && areApart([first, second, third]) && !holdsWord(second.gapped, other)) {
      return { first, second, third, other, random };
    }
  }
  throw new Error("the passages have too few sentences of prose to make pairs from");
}

function areApart(clozes: readonly Cloze[]): boolean {
  return clozes.every(({ term, passage }, i) =>
    clozes.every(
      ({ passage: other }, j) =>
        i === j || (other.title !== passage.title && !holdsWord(`${other.title} ${other.text}`, term)),
    ),
  );
}
