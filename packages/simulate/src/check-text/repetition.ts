import { deflateRawSync } from "node:zlib";
import { tellingTokens, wordsOf } from "@rag-instruct/core";
import { finding, type TextFinding } from "./text-finding.ts";

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
