import { blank } from "./cloze.ts";
import type { LabelledPair } from "./labelled-pair.ts";
import { askBackwards, askLetters, askTerm, askTerms, backwards, letters, type PairMaker } from "./pair-maker.ts";

const wrong = (
  kind: string,
  paradigm: string,
  reasons: LabelledPair["reasons"],
  from: PairMaker["from"],
): PairMaker => ({
  kind,
  paradigm,
  reasons,
  from,
});

const single = "single-doc-answer";
const several = "multi-doc-answer";

/** Pairs made wrong, each kind in one way. */
export const wrongPairs: readonly PairMaker[] = [
  wrong(
    "answer from another passage",
    single,
    { lexical: ["answer-not-in-documents"], judge: ["answer-wrong"], proof: ["not-answered-from-documents"] },
    ({ first, second }) => ({
      question: askTerm(first),
      answer: second.term,
      documents: [first.passage],
    }),
  ),
  wrong(
    "number that stands nowhere",
    single,
    { lexical: ["answer-not-in-documents"], judge: ["answer-wrong"], proof: ["not-answered-from-documents"] },
    ({ first, random }) => ({
      question: askTerm(first),
      answer: `${first.term} since ${1200 + random.integer(500)}`,
      documents: [first.passage],
    }),
  ),
  wrong(
    "wrong answer that stands there",
    single,
    { judge: ["answer-wrong"], proof: ["not-answered-from-documents"] },
    ({ first, other }) => ({
      question: askTerm(first),
      answer: other,
      documents: [first.passage],
    }),
  ),
  wrong(
    "hop missing",
    several,
    { lexical: ["document-unused"], judge: ["document-unused"], proof: ["answered-without-a-document"] },
    ({ first, second }) => ({
      question: askTerm(first),
      answer: first.term,
      documents: [first.passage, second.passage],
    }),
  ),
  wrong(
    "hop told twice",
    several,
    { judge: ["document-unused"], proof: ["answered-without-a-document"] },
    ({ first, second }) => ({
      question: askTerms(first, second),
      answer: `${first.term}; ${second.term}`,
      documents: [
        first.passage,
        second.passage,
        { ...second.passage, id: "copy", text: `${second.passage.text} ${first.passage.title}.` },
      ],
    }),
  ),
  wrong(
    "document of a hop left out",
    several,
    { lexical: ["answer-not-in-documents"], judge: ["not-answerable"], proof: ["not-answered-from-documents"] },
    ({ first, second, third }) => ({
      question: askTerms(first, second),
      answer: `${first.term}; ${second.term}`,
      documents: [first.passage, third.passage],
    }),
  ),
  wrong("leaked", single, { lexical: ["leaks-answer"] }, ({ first }) => ({
    question: `As it is called ${first.term}, ${askTerm(first).replace("Which", "which")}`,
    answer: first.term,
    documents: [first.passage],
  })),
  wrong("leaked in a longer answer", single, { lexical: ["leaks-answer"] }, ({ first }) => ({
    question: `For what reason is it true that “${first.gapped.replace(blank, first.term)}”?`,
    answer: first.gapped.replace(blank, first.term),
    documents: [first.passage],
  })),
  wrong(
    "unanswerable",
    single,
    { sometimes: ["off-subject"], judge: ["not-answerable"], proof: ["not-answered-from-documents"] },
    ({ first, second, other }) => ({
      question: askTerm(second),
      answer: other,
      documents: [first.passage],
    }),
  ),
  wrong(
    "stated where only support is allowed",
    "single-doc-support",
    { lexical: ["answer-stated"], judge: ["answer-stated"] },
    ({ first }) => ({
      question: askTerm(first),
      answer: `It is ${first.term}.`,
      documents: [first.passage],
    }),
  ),
  wrong("copied where only support is allowed", "single-doc-support", { lexical: ["answer-stated"] }, ({ first }) => ({
    question: `What is said where a term is missing in “${first.gapped.slice(0, 30)}”?`,
    answer: first.gapped.replace(blank, first.term),
    documents: [first.passage],
  })),
  wrong(
    "support that does not help",
    "single-doc-support",
    { sometimes: ["off-subject"], judge: ["not-answerable"], proof: ["answered-without-documents"] },
    ({ first, other }) => ({
      question: askBackwards(other),
      answer: backwards(other),
      documents: [first.passage],
    }),
  ),
  wrong(
    "supported answer that is wrong",
    "multi-doc-support",
    { judge: ["answer-wrong"], proof: ["documents-do-not-help"] },
    ({ first, second }) => ({
      question: askLetters(first, second),
      answer: `${first.term.length + second.term.length + 3} letters in all`,
      documents: [first.passage, second.passage],
    }),
  ),
  wrong(
    "useless document that states the answer",
    "useless-doc",
    { lexical: ["answer-stated"], judge: ["answer-stated"], proof: ["answer-not-confirmed"] },
    ({ first }) => ({
      question: askTerm(first),
      answer: first.term,
      documents: [first.passage],
    }),
  ),
  wrong(
    "useless document that helps",
    "useless-doc",
    { judge: ["documents-help"], proof: ["answer-not-confirmed"] },
    ({ first }) => ({
      question: askLetters(first),
      answer: letters(first),
      documents: [first.passage],
    }),
  ),
  wrong(
    "known without the document",
    single,
    { sometimes: ["off-subject"], judge: ["not-answerable"], proof: ["answered-without-documents"] },
    ({ first }) => ({
      question: `Which word is “${backwards(first.term)}”, read backwards?`,
      answer: first.term,
      documents: [first.passage],
    }),
  ),
  wrong("answer that leaves out a half", several, { judge: ["answer-incomplete"] }, ({ first, second }) => ({
    question: askTerms(first, second),
    answer: first.term,
    documents: [first.passage, second.passage],
  })),
  wrong("points at the document", single, { lexical: ["points-at-document"] }, ({ first, random }) => ({
    question: `${random.pick(["According to the passage, which", "In the document above, which", "As stated in the text, which", "Based on this article, which"])}${askTerm(first).slice(5)}`,
    answer: first.term,
    documents: [first.passage],
  })),
  wrong("question cut off", single, { lexical: ["question-not-whole"] }, ({ first, random }) => ({
    question: `${askTerm(first).slice(0, 40)} ${random.pick(["and", "the", "or the", "of a", "in —", "which ("])}`,
    answer: first.term,
    documents: [first.passage],
  })),
  wrong("another language", single, { lexical: ["wrong-language"] }, ({ first, random }) => ({
    question: random.pick([
      "Welcher Begriff ist es, mit dem der Satz in der Beschreibung vollständig wird und wie wird er genannt?",
      "Quel est le terme avec lequel la phrase est complète, et comment est-il nommé dans la description ?",
      "¿Cuál es el término con el que se completa la frase y cómo se llama en la descripción de los autores?",
      "この文を完成させるために必要な用語は何ですか、また何と呼ばれていますか？",
    ]),
    answer: first.term,
    documents: [first.passage],
  })),
  wrong("the exemplar again", single, { lexical: ["same-as-exemplar"] }, ({ first, random }, exemplarQuestion) => ({
    question: random.pick([exemplarQuestion, exemplarQuestion.toLowerCase(), `${exemplarQuestion.slice(0, -1)} ?`]),
    answer: first.term,
    documents: [first.passage],
  })),
];
