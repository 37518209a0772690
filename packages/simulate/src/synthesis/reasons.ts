import type { NoiseReason } from "../verify/noise-proof.ts";
import type { SynthesisReason } from "./write-pair.ts";

/** What a reason means, and one thing to try. */
export interface ReasonWords {
  /** What happened, in a clause. */
  means: string;
  /** One thing to try, as an imperative. */
  advice: string;
}

const forms = "take a larger model, or a server that enforces JSON schemas";
const closer = "take a larger model, or documents with more facts in each passage";
const judge = "look at a few in the report, and where the pairs are good take a better judge, or a lower --verify";

const ofPairs: Readonly<Record<SynthesisReason, ReasonWords>> = {
  "not-json": { means: "the reply is no JSON object", advice: forms },
  "wrong-keys": { means: "the reply has other fields than those asked for", advice: forms },
  "empty-field": { means: "the question or the answer is empty", advice: forms },
  "bad-options": { means: "the options of a multiple choice are missing or unfit", advice: forms },
  "bad-key": { means: "the answer names none of its options", advice: forms },
  "wrong-form": { means: "the pair has not the form of its exemplar's task", advice: forms },
  "unclear-backslash": {
    means: "backslashes can be read in more than one way",
    advice: "take a server that enforces JSON schemas",
  },
  "cut-off": { means: "the reply reached the ceiling of its output", advice: "raise --max-tokens" },
  "only-thinking": {
    means: "all of the reply went into thinking",
    advice: "raise --max-tokens, or turn thinking off (--body enable_thinking=false, or settings.reasoningEffort)",
  },
  "reasoning-only": {
    means: "the server took the whole reply for reasoning",
    advice: "turn thinking off (--body enable_thinking=false), or mend the server's reasoning parser",
  },
  "empty-reply": { means: "the model said nothing", advice: "look at the server's chat template and its log" },
  "tool-call": { means: "the model called a tool in place of replying", advice: "turn tools off at the server" },
  "content-filter": {
    means: "the endpoint's filter took the reply away",
    advice: "take an endpoint that does not filter such documents",
  },
  unassembled: {
    means: "no training example could be made of the pair",
    advice: "look at replaced.jsonl, and add documents to the corpus",
  },
  "nothing-to-ask": {
    means: "the offline model finds no whole sentence that it could ask about in this form",
    advice: "take a real model with --model, or documents in more prose",
  },
  "prompt-refused": {
    means: "the endpoint refuses the prompt",
    advice: "take an endpoint that does not filter such documents",
  },
  refusal: { means: "the model refuses", advice: "take another model" },
  "copied-prompt": { means: "the pair repeats the prompt", advice: "take a larger model" },
  "question-not-whole": { means: "the question is not a whole one", advice: "take a larger model" },
  "non-answer": { means: "the answer says “I do not know” or the like", advice: closer },
  placeholder: { means: "a place in the pair was never filled in", advice: "take a larger model" },
  "template-leftover": {
    means: "marks of a prompt or a template are left in the pair",
    advice: "look at the server's chat template and its stop words",
  },
  "control-characters": {
    means: "the pair holds characters that no text has",
    advice: "look at a few in the report: the server's decoding or the documents may be at fault",
  },
  "degenerate-repetition": {
    means: "the model ran in a circle",
    advice: "take a larger model, or a higher temperature (--set settings.temperature=0.9)",
  },
  "answer-breaks-off": { means: "the answer breaks off", advice: "raise --max-tokens, or take a larger model" },
  "restates-question": {
    means: "the answer says nothing that the question does not say",
    advice: "take a larger model",
  },
  "off-subject": {
    means: "the question never speaks of what its documents are about",
    advice: "take a larger model: this one keeps to the exemplar's subject",
  },
  "points-at-document": {
    means: "the pair speaks of “the document”, which its reader does not see so",
    advice: "take a larger model",
  },
  "wrong-language": {
    means: "the pair is in another language than wanted",
    advice: "name it with --language, or take a model that writes it",
  },
  "same-as-exemplar": {
    means: "the question repeats its exemplar",
    advice: "give exemplars of other subjects than the documents'",
  },
  "leaks-answer": { means: "the question gives its answer away", advice: "take a larger model" },
  "answer-not-in-documents": { means: "no document states the answer", advice: closer },
  "answer-stated": {
    means: "a document states the answer, and in this paradigm none may",
    advice: "take a larger model, or longer passages (--set corpus.words=200)",
  },
  "document-unused": {
    means: "one of the documents plays no part in the pair",
    advice: "take a larger model, or documents with more in common",
  },
  "not-answerable": { means: "the documents do not answer the question", advice: closer },
  "documents-unrelated": {
    means: "the documents are not about what is asked",
    advice: "take a larger model, or documents with more in common",
  },
  "missing-not-said": {
    means: "the answer does not name what the documents lack",
    advice: "take a larger model",
  },
  "answered-from-documents": { means: "the documents give the fact that is said to be missing", advice: closer },
  "position-left-out": {
    means: "the answer leaves out what one of the documents states",
    advice: "take a larger model",
  },
  "no-conflict": {
    means: "the documents do not disagree on what is asked",
    advice: "give documents that tell of the same things, such as versions of a page",
  },
  "conflict-not-said": { means: "the answer does not say that the documents differ", advice: "take a larger model" },
  "sentence-uncited": { means: "a sentence of the answer cites no document", advice: "take a larger model" },
  "citation-unproved": {
    means: "a sentence cites a document that does not state it",
    advice: "take a larger model",
  },
  "not-from-table": {
    means: "the answer is neither in the table nor reckoned from it",
    advice: "take a larger model",
  },
  "needs-no-history": {
    means: "a later turn is understood without the turns before it",
    advice: "take a larger model",
  },
  "not-of-history": { means: "a later turn leaves out what nobody has said before", advice: "take a larger model" },
  "not-answered-with-history": {
    means: "a later turn is not answered by who knows the turns before it",
    advice: judge,
  },
  "no-further-documents": {
    means: "there are no documents for another turn that no turn before it has",
    advice: "give more documents",
  },
  "documents-help": { means: "the documents help, and in this paradigm they must not", advice: "take a larger model" },
  "answer-wrong": { means: "the judge finds the answer wrong", advice: closer },
  "answer-incomplete": { means: "the judge finds the answer incomplete", advice: closer },
  "verdict-unreadable": { means: "the judge's reply cannot be read", advice: "take a judge that keeps to JSON" },
  "verdict-unproved": { means: "the judge's quotes do not stand in the documents", advice: judge },
  "answered-without-documents": {
    means: "the model answers without any document",
    advice: "take documents that the model cannot know, or a lower --verify",
  },
  "answered-without-a-document": {
    means: "the model answers without one of the documents",
    advice: "take documents with more in common, or a lower --verify",
  },
  "not-answered-from-documents": { means: "the model cannot answer from the documents", advice: judge },
  "documents-do-not-help": { means: "the documents do not help the model", advice: judge },
  "documents-change-answer": { means: "the documents change the answer, and must not", advice: judge },
  "answer-not-confirmed": { means: "the model's own answers do not confirm the pair's", advice: judge },
  "question-in-benchmark": {
    means: "the question is in a benchmark",
    advice: "take that benchmark's documents out of the corpus",
  },
  "answer-in-benchmark": {
    means: "the answer is in a benchmark",
    advice: "take that benchmark's documents out of the corpus",
  },
  "context-in-benchmark": {
    means: "the documents are in a benchmark",
    advice: "take that benchmark's documents out of the corpus",
  },
  "exact-duplicate": { means: "the pair was written before", advice: "give more documents, or more exemplars" },
  "near-duplicate": {
    means: "the pair is nearly one that was written before",
    advice: "give more documents, or more exemplars; `duplicates` sets how near",
  },
};

const ofNoise: Readonly<Record<Exclude<NoiseReason, SynthesisReason>, ReasonWords>> = {
  "noise-answers": {
    means: "a noise document answers the question",
    advice: "look at a few in the report: near-copies in the corpus cause it",
  },
};

const others: Readonly<Record<string, ReasonWords>> = {
  ...ofNoise,
  "call-failed": { means: "the call failed for good", advice: "look at the endpoint's log, and run again" },
  "budget-exhausted": { means: "the budget had no room for it", advice: "raise --budget and run again" },
  "ranking-too-short": { means: "too few documents are found for the question", advice: "give more documents" },
  "noise-exhausted": {
    means: "too few of the found documents may serve as noise",
    advice: "give more documents, or a larger depth (--set depth=500)",
  },
};

/** The words of a reason; one that is not known here is named as it is. */
export function reasonWords(reason: string): ReasonWords {
  if (Object.hasOwn(ofPairs, reason)) return ofPairs[reason as SynthesisReason];
  if (Object.hasOwn(others, reason)) return others[reason]!;
  return { means: reason, advice: "look at a few in the report" };
}
