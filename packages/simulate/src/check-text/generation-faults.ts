import { deflateRawSync } from "node:zlib";
import { tellingTokens, wordsOf } from "@rag-instruct/core";
import { finding, type TextFinding } from "./text-finding.ts";

// Tabs and line ends are text; what else is below the space, behind the tilde or half a character is not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd\ufffe\uffff]|\p{Surrogate}/u;

/** Characters that no text has: control characters, halves of characters, and U+FFFD where bytes were no text. */
export function controlCharacterIn(text: string): TextFinding | undefined {
  const found = control.exec(text);
  if (!found) return undefined;
  const code = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  const around = text.slice(Math.max(0, found.index - 20), found.index + 20).toWellFormed();
  return finding("control-characters", `it holds the character U+${code}`, around);
}

/** Patterns with what they show, in the order in which they are tried. */
type Marks = readonly (readonly [pattern: RegExp, what: string])[];

const templateMarks: Marks = [
  [/<\|[a-z_]{2,30}\|>|<｜[^｜<>]{2,30}｜>/iu, "a mark of a chat template"],
  [
    /<\/?(?:s|bos|eos|pad|unk|sep|cls|start_of_turn|end_of_turn|think|tool_call|im_start|im_end|assistant|human)>/i,
    "a mark of a chat template",
  ],
  [/\[\/?INST\]|<<\/?SYS>>/, "a mark of a chat template"],
  [/^#{2,3} ?(?:instructions?|response|input|human|assistant|user|system)\s?:/im, "a heading of a prompt"],
  [/^(?:human|assistant|user|system|ai|bot) ?: ?(?=\S)/im, "a speaker of a chat"],
  [/\{%-?[^%{}]{1,80}-?%\}/, "a tag of a template"],
  [/\{\{[^{}]{1,60}\}\}/, "a field of a template"],
  [/<document(?:-[0-9a-f]{6})? number="\d{1,3}">/, "a tag of the prompt"],
  [/^\W{0,4}"?(?:question|answer|options)"\W{0,2}: ?["[]/, "a field of the reply's form"],
  [/"(?:additionalProperties|\$schema)" ?:/, "a field of the reply's form"],
];

// An answer may quote a label inside; at its start, or where another question begins, a label is left over.
const labels: Marks = [
  [
    /^["'*_#\s]{0,8}(?:the )?(?:new )?(?:question|answer|q|a(?!:[\s\S]{0,2000}\nB:)|ans|frage|antwort|pregunta|respuesta|réponse|domanda|risposta|pergunta|resposta|vraag|antwoord|вопрос|ответ|问题|答案|答|質問|回答|質問文|질문|답변|정답)\d{0,2}[*_]{0,2} ?[:：]/iu,
    "a label",
  ],
  [
    /\n["'*_#\s]{0,8}(?:question|q\d{1,2}|frage|pregunta|domanda|pergunta|vraag|вопрос|问题|質問|질문)\d{0,2}[*_]{0,2} ?[:：]/iu,
    "a second question",
  ],
];

/** What is left of a template, a prompt or the form of the reply. */
export function templateLeftoverIn(text: string): TextFinding | undefined {
  return markIn(text, "template-leftover", [...templateMarks, ...labels]);
}

const slot =
  "your|insert|enter|fill|add|name|answer|question|topic|title|text|here|value|placeholder|date|number|city|country|company|author|year|example|place|location|subject|word|term|description|link|url|response|option|person|blank|xx+|deine?|ihre?|antwort|frage|votre|réponse|nom|tu|su|respuesta|pregunta|nombre|nome|risposta|resposta|answers|ответ|имя|答案|名字|回答|名前|답변|이름";
const placeholders: Marks = [
  [
    new RegExp(
      String.raw`\[(?:(?:${slot})(?:[ _-][\p{L}\p{N}'’_-]{1,20}){0,5}|[\p{L}_' -]{0,30} (?:here|goes here))\](?![(\[])`,
      "iu",
    ),
    "a place to be filled in",
  ],
  [
    /<(?:your|insert|enter|answer|question|placeholder|fill)(?:[ _-][\p{L}\p{N}'’_-]{1,20}){0,5}>/iu,
    "a place to be filled in",
  ],
  [
    /(?<![\p{L}\p{N}\\$_^{}#/@(=.`])\{(?:[a-z]{3,20}(?:_[a-z]{1,20}){0,3})\}(?![\p{L}\p{N}{}/_^])/u,
    "a place to be filled in",
  ],
  [/^\W{0,4}(?:TODO|TBD|FIXME|TBA|XXX+)(?![\p{L}\p{N}]| (?:lists?|items?|apps?)\b)/u, "a place to be filled in"],
  [/(?<![\p{L}\p{N}])lorem ipsum(?![\p{L}\p{N}])/iu, "a filler text"],
  [/^(?:insert|enter|type|write) (?:your|the) (?:answer|question|text|response) here/i, "a place to be filled in"],
];

// The one mark of an answer such as "+", "∅" or "π" says something; these say nothing alone.
const nothing = /^[\s.…\-–—_?¿!*#"'“”‘’()[\]{}|~`。、？！]+$/u;

/** What stands for an answer that is still to be written. */
export function placeholderIn(text: string): TextFinding | undefined {
  if (text.trim() === "") return finding("placeholder", "it is empty", "");
  if (nothing.test(text)) return finding("placeholder", "it holds no letter, digit or symbol", text);
  return markIn(text, "placeholder", placeholders);
}

function markIn(text: string, reason: TextFinding["reason"], marks: Marks): TextFinding | undefined {
  for (const [pattern, what] of marks) {
    const found = pattern.exec(text)?.[0];
    if (found) return finding(reason, `it holds ${what}: “${found.trim()}”`, found);
  }
  return undefined;
}

/** A text with a word in the place of its code, which may hold anything. */
export function withoutCode(text: string): string {
  if (!text.includes("`")) return text;
  const prose = text.split("```").filter((_, i) => i % 2 === 0);
  return prose.join(" code ").replace(/`[^`\n]{1,200}`/g, "code");
}

// A word so often in a row is no emphasis any more.
const maxInRow = 5;
// A run of so many words that comes so often and makes up so much of a text is a loop; parallel sentences share shorter runs.
const runWords = 6;
const minRuns = 3;
const coveredShare = 0.5;
const minSentenceWords = 4;
// Longer texts are looked into up to here.
const lookedAt = 20_000;

/**
 * What shows that a model ran in a circle: one letter or word again and again, the same sentence or line, runs of words that make up half
 * of the text, or a text that packs far smaller than any prose. Tables, lists and verses with a refrain stay below these bounds.
 */
export function repetitionIn(text: string): TextFinding | undefined {
  const looked = text.slice(0, lookedAt);
  return (
    lettersInRow(looked) ??
    wordsInRow(looked) ??
    samePartsIn(looked) ??
    sentencesAgain(looked) ??
    runsAgain(looked) ??
    packsTooWell(looked)
  );
}

function lettersInRow(text: string): TextFinding | undefined {
  const found = /([\p{L}])\1{11}/u.exec(text)?.[0];
  return found ? finding("degenerate-repetition", `one letter comes ${found.length} times in a row`, found) : undefined;
}

function wordsInRow(text: string): TextFinding | undefined {
  const words = text.toLowerCase().split(/\s+/);
  let times = 1;
  for (let i = 1; i < words.length; i++) {
    times = words[i] === words[i - 1] && /\p{L}{2}/u.test(words[i]!) ? times + 1 : 1;
    if (times > maxInRow) {
      return finding(
        "degenerate-repetition",
        `“${words[i]}” comes more than ${maxInRow} times in a row`,
        words.slice(i - maxInRow, i + 1).join(" "),
      );
    }
  }
  return undefined;
}

// So many words again within one sentence, so many of them telling, say the same of both things that it sets side by side.
const againWords = 5;
const againTelling = 3;
// Of a longer text some sentence may do so with reason.
const shortText = 50;

function samePartsIn(text: string): TextFinding | undefined {
  // A question may name two things alike, and so may what quotes.
  if (/[?？“"_]/.test(text) || text.length > 10 * shortText || wordsOf(text).length > shortText) return undefined;
  for (const sentence of text.split(/(?<=[.!?])\s|\n/u)) {
    const words = wordsOf(sentence);
    const seen = new Set<string>();
    for (let i = 0; i + againWords <= words.length; i++) {
      const run = words.slice(i, i + againWords);
      const key = run.join(" ");
      if (seen.has(key) && tellingTokens(run).length >= againTelling) {
        return finding("degenerate-repetition", `one sentence says “${key}” twice`, sentence);
      }
      seen.add(key);
    }
  }
  return undefined;
}

/** A sentence or line of some words three times, or twice where a text has hardly anything else. */
function sentencesAgain(text: string): TextFinding | undefined {
  const counts = new Map<string, { times: number; first: string }>();
  let all = 0;
  for (const part of text.split(/[.!?。！？]\s*|\n/u)) {
    const words = wordsOf(part);
    if (words.length === 0) continue;
    all += words.length;
    if (words.length < minSentenceWords) continue;
    const sentence = words.join(" ");
    const known = counts.get(sentence);
    if (known) known.times++;
    else counts.set(sentence, { times: 1, first: part });
  }
  for (const [sentence, { times, first }] of counts) {
    const share = (sentence.split(" ").length * times) / all;
    if ((times >= 3 && share > 0.3) || (times === 2 && share > 0.75)) {
      return finding("degenerate-repetition", `the same sentence comes ${times} times`, first);
    }
  }
  return undefined;
}

function runsAgain(text: string): TextFinding | undefined {
  const words = wordsOf(text);
  const places = new Map<string, number[]>();
  for (let i = 0; i + runWords <= words.length; i++) {
    const run = words.slice(i, i + runWords).join(" ");
    const of = places.get(run);
    if (of) of.push(i);
    else places.set(run, [i]);
  }
  const covered = new Uint8Array(words.length);
  let most = 0;
  for (const at of places.values()) {
    if (at.length < minRuns) continue;
    for (const start of at) covered.fill(1, start, start + runWords);
    most = Math.max(most, at.length);
  }
  const share = covered.reduce((sum, one) => sum + one, 0) / Math.max(1, words.length);
  return share >= coveredShare
    ? finding(
        "degenerate-repetition",
        `runs of words that come ${most} times make up ${Math.round(share * 100)}% of it`,
        text.slice(-80),
      )
    : undefined;
}

// How many times smaller a text packs: prose of a few hundred characters 1.2 to 2.4 times, of some thousands up to 3, tables and code up to 5.
const mostPacked: readonly (readonly [from: number, ratio: number])[] = [
  [4000, 8],
  [1000, 6],
  [300, 4.5],
  [120, 2.8],
];

function packsTooWell(text: string): TextFinding | undefined {
  // The lines of a table and its gaps pack well in any text.
  const bytes = Buffer.from(text.replace(/[\s|:=_.*-]{2,}/g, " "));
  const most = mostPacked.find(([from]) => bytes.length >= from)?.[1];
  if (most === undefined) return undefined;
  const ratio = bytes.length / deflateRawSync(bytes, { level: 6 }).length;
  return ratio > most
    ? finding("degenerate-repetition", `it packs ${ratio.toFixed(1)} times smaller, as no prose does`, text.slice(-80))
    : undefined;
}
