import { optionLetter } from "@rag-instruct/core";
import { askBackwards, askLetters, askTerm, askTerms, backwards, letters, type PairMaker } from "./pair-maker.ts";

const right = (paradigm: string, from: PairMaker["from"]): PairMaker => ({
  kind: "right",
  paradigm,
  reasons: {},
  from,
});

/** Pairs whose relation holds, some for each paradigm. */
export const rightPairs: readonly PairMaker[] = [
  right("single-doc-answer", ({ first }) => ({
    question: askTerm(first),
    answer: first.term,
    documents: [first.passage],
  })),
  right("single-doc-answer", ({ first, second, other, random }) => {
    const options = random.shuffle([first.term, second.term, other]);
    const answer = optionLetter(options.indexOf(first.term));
    return { question: askTerm(first), options, answer, documents: [first.passage] };
  }),
  right("multi-doc-answer", ({ first, second }) => ({
    question: askTerms(first, second),
    answer: `${first.term}; ${second.term}`,
    documents: [first.passage, second.passage],
  })),
  right("multi-doc-answer", ({ first, second, third }) => ({
    question: askTerms(third, first, second),
    answer: `${third.term}, ${first.term} and ${second.term}`,
    documents: [first.passage, second.passage, third.passage],
  })),
  right("single-doc-support", ({ first }) => ({
    question: askLetters(first),
    answer: letters(first),
    documents: [first.passage],
  })),
  right("multi-doc-support", ({ first, second }) => ({
    question: askLetters(first, second),
    answer: letters(first, second),
    documents: [first.passage, second.passage],
  })),
  right("useless-doc", ({ first, other }) => ({
    question: askBackwards(other),
    answer: backwards(other),
    documents: [first.passage],
  })),
];
