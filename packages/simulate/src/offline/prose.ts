import { trimEnds } from "@rag-instruct/core";
import { type Clause, clauseOf, finiteVerb, lowerStart } from "./clause.ts";

/** A document as the offline model reads it. */
export interface ReadDocument {
  title: string;
  text: string;
}

/** What a document says in prose. */
export interface Prose {
  /** What it is about, in a few words; empty where nobody said. */
  topic: string;
  /** Its last heading, where it has one besides. */
  part: string;
  /** Whole sentences of words alone that can be understood alone, without the mark at their end. */
  sentences: string[];
  /** All whole sentences in their order, those too that lean on others, with their marks. */
  account: string[];
  /** Those of them that can be understood alone, with their marks. */
  opening: string[];
  /** Headings that ask, with the sentences that follow. */
  asked: { question: string; answer: string }[];
}

const minWords = 3;
const maxWords = 34;
const maxAnswerSentences = 2;
let segmenter: Intl.Segmenter | undefined;

/** Reads the prose of a document and leaves out what is none: code, tables, lists, addresses, sentences that are cut. */
function proseOf({ title, text }: ReadDocument): Prose {
  const names = title.split(" > ").map((part) => part.trim());
  const prose: Prose = {
    topic: topicOf(names),
    part: names.length > 1 ? topicOf(names.slice(-1)) : "",
    sentences: [],
    account: [],
    opening: [],
    asked: [],
  };
  let heading = names.at(-1) ?? "";
  for (const block of blocksOf(text)) {
    const named = /^#{1,6}\s+([^\n]*)/.exec(block);
    if (named) {
      heading = trimEnds(named[1]!, /[#\s]/);
      continue;
    }
    const sentences = isProse(block) ? sentencesOf(block) : [];
    if (sentences.length === 0) continue;
    const whole = sentences.filter(isWhole);
    if (isQuestion(heading) && isWhole(sentences[0]!))
      prose.asked.push({ question: heading, answer: sentences.slice(0, maxAnswerSentences).filter(isWhole).join(" ") });
    heading = "";
    prose.account.push(...whole);
    const alone = whole.filter(
      (sentence) => !leaning.test(sentence) && !soonIt.test(sentence) && !pointing.test(sentence) && says(sentence),
    );
    prose.opening.push(...alone);
    prose.sentences.push(...alone.filter(isPlain).map((sentence) => sentence.slice(0, -1)));
  }
  return prose;
}

/** Blocks between blank lines; a heading is one of its own. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let isCode = false;
  const end = () => {
    if (lines.length > 0) blocks.push(lines.join("\n"));
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (/^\s*(?:```|~~~)/.test(line)) {
      isCode = !isCode;
      end();
    } else if (isCode) continue;
    else if (/^#{1,6}\s/.test(line)) {
      end();
      blocks.push(line);
    } else if (line.trim() === "") end();
    else lines.push(line);
  }
  end();
  return blocks;
}

function isProse(block: string): boolean {
  return !/^\s*(?:[|<>:\-*+]|\d+[.)]\s|import |export )|\t|\|/.test(block);
}

function sentencesOf(block: string): string[] {
  const plain = block
    .replace(/!?\[([^[\]\n]*)\]\([^()\s]*\)/g, "$1")
    .replace(/\*\*|__/g, "")
    .replace(/\s+/g, " ");
  segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" });
  return [...segmenter.segment(plain)].map(({ segment }) => segment.trim()).filter((sentence) => sentence !== "");
}

/** Whether a sentence begins and ends as one, is neither too short nor too long, and is no code. */
function isWhole(sentence: string): boolean {
  const count = sentence.split(" ").length;
  if (count < minWords || count > maxWords) return false;
  if (!/^[\p{Lu}\d`]/u.test(sentence) || !/[\p{L}\p{N}`%)”"][.!]$/u.test(sentence)) return false;
  if (/ - |^[^,]+, (?:who|which|whose) [^,]*$/.test(sentence)) return false;
  const open = (sentence.match(/\(/g) ?? []).length;
  return (
    open === (sentence.match(/\)/g) ?? []).length && !/[{}<>|=\\[\]*#…]|https?\b|\bwww\b/iu.test(withoutCode(sentence))
  );
}

/** Whether a sentence is nothing but words, with commas at most. */
function isPlain(sentence: string): boolean {
  return !/["“”„«»;:()—–]| - |\b(?:e\.g|i\.e|etc|see)\b/iu.test(withoutCode(sentence));
}

function withoutCode(sentence: string): string {
  return sentence.replace(/`[^`]{1,40}`|\d:\d/g, "code");
}

const leaning =
  /^(?:why|what|how|where|whether|who|whom|whose|which|whoever|it|he|she|they|this|that|these|those|such|here|his|her|its|their|then|however|also|but|and|or|so|yet|nor|thus|therefore|hence|instead|moreover|finally|otherwise|again|still|another|others?|both|neither|either|some|one|two|three|for (?:example|instance)|in (?:addition|this|that|such|contrast)|as (?:a result|such|above)|at (?:this|that)|on (?:this|that)|the (?:former|latter|others?|same|following|above|two|three|first|second|third|last)|like (?:this|that)|not|now|today|let|note|please|once)\b/i;
// "For a long time it served": said of what came before.
const soonIt = /^(?:\S+ ){0,4}(?:it|its)\b/i;
const pointing =
  /\b(?:this|these|those|he|she|his|her|him|they|them|such|above|below|following|former|latter|previous(?:ly)?|here|therefore|also|too|same|respectively|another|both|one more|which of the|next|later|earlier|then|i|me|my|mine)\b/i;

// Languages without these words are not told apart: their sentences are taken as they are.
const finite = /\b(?:is|are|was|were|has|have|had|can|may|must|will|should|do|does|did)\b/i;

const finites = new RegExp(finite.source, "gi");

/** Whether a sentence has a verb of its own, as "The rule that asks for a form" and "Opens a file" have none. */
function says(sentence: string): boolean {
  if (/\b(?:der|die|das|und|ist|le|les|et|est|el|los|il|che|het|een)\b/i.test(sentence)) return true;
  const [first = "", next = ""] = sentence.split(" ");
  if (finiteVerb(first)?.form === "third" && !finite.test(next)) return false;
  if (/^(?:if|when|whenever|to) [^,]+, /i.test(sentence)) return true;
  const head = sentence.split(/ (?:that|which|who|whom|whose|where|why|how|what) /)[0]!;
  return (
    finite.test(head) ||
    (sentence.match(finites) ?? []).length > 1 ||
    clauseOf(sentence.slice(0, -1), (text) => text) !== undefined
  );
}

const questionWords =
  /^(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|wer|was|wann|wo|warum|wie|welche[rs]?|kann|darf|muss|qui|que|quoi|quand|où|pourquoi|comment|combien|quel(?:le)?s?|qué|quién|cuándo|dónde|cómo|cuánto|che|chi|quando|dove|come|perché)\b/iu;

/** Whether a heading asks something that can be understood alone. */
function isQuestion(heading: string): boolean {
  const count = heading.split(" ").length;
  const isAsking = heading.endsWith("?") && questionWords.test(heading) && count >= 3 && count <= 20;
  return isAsking && !/\b(?:this|these|those|it|they)\b/i.test(heading);
}

const maxTopicWords = 9;

/** What a document is about by its titles: the last that has few words and is no question. */
function topicOf(names: readonly string[]): string {
  const fitting = names.filter(
    (name) =>
      name !== "" &&
      name.split(" ").length <= maxTopicWords &&
      !/[?:{}<>[\]|_&;]|\b(?:is|are|was|were|has|have|can)\b/.test(name),
  );
  return fitting[0] ?? "";
}

/** A document with the clauses that its sentences were read as. */
export interface Reading {
  prose: Prose;
  clauses: readonly Clause[];
  /** Its sentences as they are written behind "that". */
  inside: readonly string[];
}

/** Reads documents; names keep their capital inside a sentence, by what all of them say together. */
export function readAll(documents: readonly ReadDocument[]): Reading[] {
  const said = new Set(documents.flatMap(({ text }) => text.match(/(?<![\p{L}\p{N}_-])\p{Ll}[\p{L}-]*/gu) ?? []));
  const names = new Set(documents.flatMap(({ text }) => text.match(/(?<=\p{Ll},? )\p{Lu}\p{Ll}+/gu) ?? []));
  const inner = (text: string, isPlural: boolean) => {
    const [first = "", next = ""] = text.split(" ");
    const isMany = isPlural && !names.has(first) && (/[^s]s$/.test(first) || /^[a-z-]+s$/.test(next));
    const isModifier = /^[a-z]+$/.test(next) && !joining.test(next) && finiteVerb(next) === undefined;
    const isOrdinary =
      determiners.test(first) ||
      (!/^\p{Lu}/u.test(next) &&
        !names.has(first) &&
        (said.has(lowerStart(first)) || isModifier || isMany || /^[A-Z][a-z]+ing$/.test(first)));
    return isOrdinary && !/^\p{Lu}{2}/u.test(text) && !/^I\b/.test(text) ? lowerStart(text) : text;
  };
  return documents.map((document) => {
    const prose = proseOf(document);
    return {
      prose,
      clauses: prose.sentences.flatMap((sentence) => clauseOf(sentence, inner) ?? []),
      inside: prose.sentences
        .filter((sentence) => !isOrder(sentence))
        .map((sentence) => inner(sentence, isOfMany.test(sentence))),
    };
  });
}

const joining =
  /^(?:is|are|was|were|has|have|had|can|may|must|will|should|would|could|and|or|of|in|on|at|for|from|with|by|to|as|also|often|then|now|still|only|usually|always|never|not|does|do|did)$/;
const isOfMany = /^\p{Lu}\p{Ll}+[^s]s (?!is |was |has )\p{Ll}/u;

/** Whether a sentence tells somebody to do something. */
function isOrder(sentence: string): boolean {
  const [first = "", next = ""] = sentence.split(" ");
  return finiteVerb(first)?.form === "base" && !auxiliary.test(next);
}

const auxiliary = /^(?:is|are|was|were|has|have|had|can|may|must|will|should)$/;

export const determiners =
  /^(?:the|a|an|each|every|all|our|your|most|many|several|some|few|we|you|only|no|nobody|nothing|more|other|anyone|anybody|everyone|everybody|someone|somebody|in|on|at|for|from|with|by|to|when|if|as|after|before|since|during|while|because|although|under|within|between|there|who|what|about|two|three|four|five|six|seven|eight|nine|ten|twelve)$/i;
