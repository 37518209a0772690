import type { Pair, SeededRandom } from "@rag-instruct/core";
import type { Cloze } from "./cloze.ts";

/** A pair of which it is known whether its paradigm's relation holds, because it was made so. */
export interface LabelledPair {
  pair: Pair;
  /** `right`, or the kind of its fault. */
  kind: string;
  exemplar: { id: string; question: string };
  /** The reasons that say what is wrong, by the level whose business it is; none for a right pair. */
  reasons: {
    lexical?: readonly string[];
    judge?: readonly string[];
    proof?: readonly string[];
    /** What words can tell of some pairs of the kind. */
    sometimes?: readonly string[];
  };
}

/** What a pair is made of: three clozes from passages that have nothing in common but their corpus. */
export interface Material {
  first: Cloze;
  second: Cloze;
  third: Cloze;
  /** Another term of the first passage. */
  other: string;
  random: SeededRandom;
}
