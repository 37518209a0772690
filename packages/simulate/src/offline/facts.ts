import { normalizeAnswer, optionLetter, type SeededRandom, type Task, wordsOf } from "@rag-instruct/core";
import type { Reply } from "@rag-instruct/paradigms";

/** Something that can be asked about documents, with its true answer and wrong ones. */
export interface Fact {
  /** A question that does not give the answer away. */
  ask: string;
  answer: string;
  /** Answers of the same kind that are wrong. */
  wrong: string[];
  /** More that holds, for an answer at length. */
  more: string;
  /** The declarative sentence that an answer makes; true for `answer`, false for the wrong ones. */
  claim(answer: string): string;
}

interface Gap {
  topic: string;
  /** A sentence of the document with the term taken out. */
  gapped: string;
  term: string;
  /** Other terms of the same document. */
  others: string[];
}

interface Document {
  title: string;
  text: string;
}

const blank = "____";

/** What the documents state: the terms that complete a sentence of each. */
export function statedFact(documents: readonly Document[], random: SeededRandom): Fact {
  const gaps = documents.map((document) => findGap(document, random));
  const [first] = gaps;
  const complete = (term: string) => first!.gapped.replaceAll(blank, term);
  if (gaps.length === 1 && first) {
    return {
      ask: `Which term completes this statement about ${first.topic}: “${first.gapped}”?`,
      answer: first.term,
      wrong: first.others,
      more: textOf(documents),
      claim: (answer) => `About ${first.topic}: “${complete(answer)}”`,
    };
  }
  const shown = showGaps(gaps);
  return {
    ask: `Which terms, in order, complete these statements: ${shown}?`,
    answer: gaps.map(({ term }) => term).join("; "),
    wrong: [0, 1, 2].map((i) => gaps.map(({ others, term }) => others[i] ?? `${term}s`).join("; ")),
    more: textOf(documents),
    claim: (answer) => `The statements ${shown} are completed, in order, by: ${answer}.`,
  };
}

/** What follows from the documents without standing in them: how long the missing terms are. */
export function supportedFact(documents: readonly Document[], random: SeededRandom): Fact {
  const gaps = documents.map((document) => findGap(document, random));
  const letters = gaps.reduce((sum, { term }) => sum + lettersOf(term), 0);
  const shown = showGaps(gaps);
  const what =
    gaps.length === 1 ? "the term that completes this statement" : "the terms that complete these statements";
  const say = (count: number) => `${count} letters${gaps.length === 1 ? "" : " together"}`;
  return {
    ask: `How many letters ${gaps.length === 1 ? "does" : "do"} ${what} have${gaps.length === 1 ? "" : " together"}: ${shown}?`,
    answer: say(letters),
    wrong: [1, 2, 4].map((more) => say(letters + more)),
    more: textOf(documents),
    claim: (answer) => `The letters of ${what}, ${shown}, come to ${answer}.`,
  };
}

/** What the document does not help with: a word of its subject spelled backwards. */
export function unrelatedFact({ title, text }: Document, random: SeededRandom): Fact {
  const words = [...new Set([...wordsOf(title), ...wordsOf(text)])].filter((word) => /^[a-z]{5,14}$/.test(word));
  const word = words.length > 0 ? random.pick(words) : "retrieval";
  const backwards = [...word].reverse().join("");
  return {
    ask: `How is the word “${word}” spelled backwards?`,
    answer: backwards,
    wrong: [1, 2, 3].map((shift) => backwards.slice(shift) + backwards.slice(0, shift)),
    more: `Its letters, from the last to the first and one after another, are these: ${[...backwards].join(", ")}.`,
    claim: (answer) => `Spelled backwards, the word “${word}” is “${answer}”.`,
  };
}

function textOf(documents: readonly Document[]): string {
  return documents.map(({ text }) => text.trim()).join("\n\n");
}

function findGap({ title, text }: Document, random: SeededRandom): Gap {
  const topic = title || "the subject";
  const candidates = sentencesOf(text).flatMap((sentence) =>
    termsOf(sentence)
      .filter((term) => !contains(topic, term))
      .map((term) => ({ sentence, term })),
  );
  const words = wordsOf(text).filter((word) => /\p{L}/u.test(word));
  const { sentence, term } = candidates.length > 0 ? random.pick(candidates) : lastWords(text, words);
  const terms = [...new Set(candidates.map((candidate) => candidate.term))];
  const longWords = new Set(words.filter((word) => word.length > 4));
  const isOther = (other: string) => normalizeAnswer(other) !== normalizeAnswer(term);
  return {
    topic,
    gapped: sentence.replaceAll(
      new RegExp(`(?<![\\p{L}\\p{N}])${escapePattern(term)}(?![\\p{L}\\p{N}])`, "giu"),
      blank,
    ),
    term,
    others: [...random.shuffle(terms.filter(isOther)), ...random.shuffle([...longWords].filter(isOther))].slice(0, 3),
  };
}

/** What is left to ask about where no sentence will do: the last word of the text. */
function lastWords(text: string, words: readonly string[]): { sentence: string; term: string } {
  return { sentence: text.slice(-200), term: words.at(-1) ?? "nothing" };
}

/** Sentences of prose, or of anything where there is no prose. */
function sentencesOf(text: string): string[] {
  const sentences = text.split(/(?<=[.!?。！？])\s+/u).map((sentence) => sentence.replace(/\s+/g, " ").trim());
  const fitting = sentences.filter((sentence) => sentence.length >= 30 && sentence.length <= 320);
  const prose = fitting.filter((sentence) => !/[{}<>=;|]|```|^[#-]/.test(sentence));
  return prose.length > 0 ? prose : fitting;
}

/** Words that carry the sentence's meaning: long, or written like a name in code. */
function termsOf(sentence: string): string[] {
  const words = sentence.match(/(?<![\p{L}\p{N}])[\p{L}][\p{L}\p{N}_]{5,}(?![\p{L}\p{N}])/gu) ?? [];
  return [...new Set(words)];
}

function contains(text: string, term: string): boolean {
  return wordsOf(text).includes(term.toLowerCase());
}

function showGaps(gaps: readonly Gap[]): string {
  return gaps.map(({ gapped, topic }) => `“${gapped}” (${topic})`).join(", ");
}

function lettersOf(term: string): number {
  return term.match(/\p{L}/gu)?.length ?? 0;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const openings: Partial<Record<Task, string>> = {
  comparison: "Compare and say in short: ",
  "how-to": "I need this in one step: ",
  summary: "In a few words: ",
  list: "List what is asked for: ",
  "long-form": "Write a detailed account that also answers this: ",
};

/** Puts a fact into the form of a task. */
export function phraseFact(fact: Fact, task: Task, random: SeededRandom): Reply {
  if (task === "multiple-choice") return phraseChoice(fact, random);
  if (task === "yes-no" || task === "claim") return phraseClaim(fact, task, random);
  const opening = openings[task] ?? "";
  const answer = task === "long-form" ? `${fact.claim(fact.answer)}\n\n${fact.more}` : fact.answer;
  return { question: opening + (opening ? lowerFirst(fact.ask) : fact.ask), answer };
}

function phraseChoice({ ask, answer, wrong }: Fact, random: SeededRandom): Reply {
  const options = random.shuffle([answer, ...wrong]);
  return { question: ask, options, answer: optionLetter(options.indexOf(answer)) };
}

function phraseClaim(fact: Fact, task: "yes-no" | "claim", random: SeededRandom): Reply {
  const isTrue = fact.wrong.length === 0 || random.next() < 0.5;
  const claim = fact.claim(isTrue ? fact.answer : random.pick(fact.wrong));
  const question = task === "claim" ? claim : `Is this right? ${claim}`;
  const [yes, no] = task === "claim" ? ["True", "False"] : ["Yes", "No"];
  return { question, answer: isTrue ? `${yes}.` : `${no}, it should be: ${fact.answer}.` };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
