import type { Pair } from "@rag-instruct/core";
import type { Cloze } from "./cloze.ts";
import type { LabelledPair, Material } from "./labelled-pair.ts";

/** Makes pairs of one kind under one paradigm. */
export interface PairMaker {
  kind: string;
  paradigm: string;
  reasons: LabelledPair["reasons"];
  from(
    material: Material,
    exemplarQuestion: string,
  ): Pick<Pair, "question" | "answer" | "documents"> & { options?: string[] };
}

export const askTerm = ({ gapped }: Cloze) => `Which term completes this statement: “${gapped}”?`;
export const askTerms = (...clozes: Cloze[]) =>
  `Which terms, in this order, complete the statements ${clozes.map(({ gapped }) => `“${gapped}”`).join(" and ")}?`;
export const askLetters = (...clozes: Cloze[]) =>
  `How many letters in all do the missing terms of these statements have: ${clozes.map(({ gapped }) => `“${gapped}”`).join(" and ")}?`;
export const letters = (...clozes: Cloze[]) =>
  `${clozes.reduce((sum, { term }) => sum + term.length, 0)} letters in all`;
export const backwards = (word: string) => [...word].reverse().join("");
export const askBackwards = (word: string) => `How is the word “${word}” spelled backwards?`;
