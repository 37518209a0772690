import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exemplar, Pair } from "@rag-instruct/core";
import {
  canonicalTokens,
  containsAnswer,
  escapeHtml,
  foldText,
  guessLanguage,
  hashText,
  hashWords,
  minHash,
  normalizeAnswer,
  paragraphOf,
  shingles,
  tellingTokens,
  textOutsideReasoning,
  tokensAbout,
  tokensAtMost,
  trimFunctionWords,
  wordsOf,
} from "@rag-instruct/core";
import { judgeFailure, retryAfter } from "@rag-instruct/core/calls";
import { readDocuments, splitDocument } from "@rag-instruct/corpus";
import { parseQrels, parseRun, scoreAnswer, scoreReference } from "@rag-instruct/eval";
import { renderExample, statedAnswers } from "@rag-instruct/format";
import { paradigms, parseReply, readJsonReply, renderPrompt, repeatsPrompt } from "@rag-instruct/paradigms";
import { englishAnalyzer } from "@rag-instruct/retrieve";
import { checkLexically, checkText, detectTask, keepKnowledgeIntensive, readExemplars } from "@rag-instruct/simulate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBenchmark } from "../packages/eval/src/benchmarks.ts";
import { findSpans } from "../packages/viewer/src/page/find-spans.ts";
import { visibleString } from "../packages/viewer/src/visible-text.ts";
import { sourcePatterns } from "../scripts/source-patterns.ts";

// What ends a search badly: runs of one character and of a few, with something else before and behind.
const runs = [..."a(-7 \n\"'`[<{\\"];
const mixes = [
  "a ",
  "[a](",
  "https://a.b ",
  "\n\n ",
  "QWxhZGRpbjpv+/",
  "1, ",
  "“a",
  '\\"',
  "- a\n",
  "how are you today ",
];
const units = [...runs, ...mixes];
const rarer = [
  ..."=*/\t_.,:;$?éж字A",
  ...[
    "a\n",
    " \n",
    "\n-",
    "a:",
    "a.",
    "a,",
    "1,",
    "[a",
    "(a",
    "<a",
    "{a",
    '"a',
    "a(",
    "a[",
    "A) ",
    "a-",
    "**a",
    "a.a(",
  ],
  ...["to ", "is a ", "what ", "question: ", "1 by 1 ", "a = ", "\r\n"],
  ...["<!--", "<p>", "<a href=", "/*", "```", "{{", "{%", "<think>", "</", "[[a|", "$a$", "a@", "&lt;"],
];
const textOf = (unit: string, length: number) =>
  `x${unit.repeat(Math.ceil(length / unit.length)).slice(0, length)}\u0001`;

/** Milliseconds of this process's own work: what others do on the machine does not count. */
async function spent(action: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

// Milliseconds: less is not measured well enough to compare.
const minWork = 3;

/** Whether four times the text takes about sixteen times the work, measured again where it seems so. */
async function isQuadratic(action: (text: string) => unknown, unit: string, from: number): Promise<boolean> {
  const [short, long] = [textOf(unit, from), textOf(unit, 4 * from)];
  for (let tries = 0; tries < 3; tries++) {
    const small = await spent(() => action(short));
    if (small < minWork || (await spent(() => action(long))) < 8 * small) return false;
  }
  return true;
}

/** The first text on which the work grows faster than the text; short ones first, so that none is waited for. */
async function slowText(
  action: (text: string) => unknown,
  texts: readonly string[],
  lengths: readonly number[],
): Promise<string | undefined> {
  for (const from of lengths) {
    for (const unit of texts) {
      if (await isQuadratic(action, unit, from)) return `${JSON.stringify(unit)} × ${4 * from} characters`;
    }
  }
  return undefined;
}

it("every pattern of the sources takes four times as long for four times the text", async () => {
  const slow: string[] = [];
  for (const { pattern, place } of await sourcePatterns()) {
    // An address of the config, a flag of the command line.
    if (String(pattern) === "/\\/+$/" || String(pattern) === "/,(?![^{}]*\\})/") continue;
    const search = (text: string) => (pattern.global ? text.replace(pattern, "") : text.search(pattern));
    const text = await slowText(search, [...units, ...rarer], [500, 4000]);
    if (text !== undefined) slow.push(`${place}: ${pattern} on ${text}`);
  }
  expect(slow).toEqual([]);
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "linear-"));
});
afterAll(() => rm(folder, { recursive: true }));

const exemplar = (question: string): Exemplar => ({ id: "e", question, task: "open", source: "s" });
const passage = (text: string) => ({ id: "p", title: "A title", text });
const context = "The bridge was built by Ada Long in 1901 over the river Tamar.";

async function read(name: string, text: string): Promise<unknown> {
  const path = join(folder, name);
  await writeFile(path, text);
  const ignore = () => undefined;
  if (name === "exemplars.jsonl") return Array.fromAsync(readExemplars(path, { onUnread: ignore }));
  return Array.fromAsync(readDocuments(path, { onUnread: ignore }));
}

function checked(part: Partial<Pick<Pair, "question" | "answer">>, document = context): unknown {
  const base = { question: "Who built the bridge over the river Tamar?", answer: "Ada Long built it." };
  const pair = { id: "i", exemplarId: "e", paradigm: "single-doc-answer", model: "m", documents: [passage(document)] };
  return checkLexically({ ...pair, ...base, ...part }, { paradigm: paradigms["single-doc-answer"] });
}

const scored = (benchmark: string, golds: string[], options?: string[]) => (text: string) =>
  scoreAnswer(findBenchmark(benchmark), { id: "i", question: "Who built it?", golds, options }, { output: text });
const example = (text: string) => ({
  id: "i",
  question: text,
  answer: text,
  paradigm: "single-doc-answer",
  documents: [{ ...passage(text), role: "source" as const }],
});

const functions: Readonly<Record<string, (text: string) => unknown>> = {
  canonicalTokens,
  "containsAnswer, text": (text) => containsAnswer(text, "a long answer"),
  "containsAnswer, answer": (text) => containsAnswer("a long text", text),
  escapeHtml,
  foldText,
  guessLanguage,
  hashText,
  hashWords: (text) => hashWords(wordsOf(text)),
  minHash: (text) => minHash(shingles(text)),
  normalizeAnswer,
  paragraphOf: (text) => paragraphOf(passage(text)),
  tellingTokens: (text) => trimFunctionWords(tellingTokens(canonicalTokens(text))),
  textOutsideReasoning,
  tokensAbout: (text) => tokensAbout(text) + tokensAtMost(text),
  wordsOf,
  judgeFailure: (text) => judgeFailure(new Error(text)),
  retryAfter: (text) => retryAfter({ "retry-after": text, "x-ratelimit-reset-requests": text }),
  "readDocuments, Markdown": (text) => read("a.md", `# Title\n\n${text}`),
  "readDocuments, HTML": (text) => read("a.html", `<html><body><p>${text}</p></body></html>`),
  "readDocuments, text": (text) => read("a.txt", text),
  "readDocuments, records": (text) => read("a.jsonl", JSON.stringify({ id: "a", text })),
  "splitDocument, sentences": (text) => splitDocument({ id: "d", title: "t", text }, { by: "sentences" }),
  splitDocument: (text) => splitDocument({ id: "d", title: "t", text }),
  "scoreAnswer, open": scored("popqa", ["an answer"]),
  "scoreAnswer, choices": scored("arc-challenge", ["A"], ["iron", "gold", "lead", "tin"]),
  "scoreAnswer, verdict": scored("pubhealth", ["true"]),
  "scoreAnswer, numbers": scored("convfinqa", ["12.5%"]),
  scoreReference: (text) =>
    scoreReference("arc-challenge", { golds: ["A"], options: ["iron", "gold", "lead", "tin"] }, text),
  parseQrels: (text) => attempt(() => parseQrels(text)),
  parseRun: (text) => attempt(() => parseRun(text)),
  renderExample: (text) => renderExample(example(text)),
  statedAnswers: (text) => statedAnswers(example(text)),
  readJsonReply,
  "readJsonReply, of an object": (text) => readJsonReply(`{"question": "${text}`),
  parseReply: (text) => parseReply(JSON.stringify({ question: text, answer: text }), { task: "open" }),
  repeatsPrompt: (text) => repeatsPrompt(text, { prompt: "<document number=1>" }),
  renderPrompt: (text) =>
    renderPrompt({ paradigm: paradigms["single-doc-answer"], documents: [passage(text)], exemplar: exemplar(text) }),
  englishAnalyzer: (text) => englishAnalyzer.terms(text),
  checkText,
  "checkText, question": (text) => checkText(text, { as: "question", documents: [context] }),
  "checkText, answer": (text) => checkText(text, { as: "answer", question: "Who built it?", documents: [text] }),
  "checkLexically, question": (question) => checked({ question }),
  "checkLexically, answer": (answer) => checked({ answer }),
  "checkLexically, document": (text) => checked({}, text),
  detectTask,
  keepKnowledgeIntensive: (text) =>
    Array.fromAsync(keepKnowledgeIntensive({ exemplars: [exemplar(text.slice(0, 19_000)), exemplar(text)] })),
  readExemplars: (text) =>
    read("exemplars.jsonl", [text.slice(0, 19_000), text].map((question) => JSON.stringify({ question })).join("\n")),
  findSpans: (text) => findSpans(text, { quotes: [text.slice(9), "built…by"], answer: text.slice(0, 999) }),
  visibleString,
};

function attempt(action: () => unknown): void {
  try {
    action();
  } catch {
    // What it refuses it has read as well.
  }
}

describe("text of any kind and length", () => {
  it.each(Object.keys(functions))("%s", async (name) => {
    // The library that reads pages is slow, and takes long at full length.
    const lengths = name.includes("HTML") ? [1000, 8000] : [1000, 8000, 50_000];
    expect(await slowText(functions[name]!, units, lengths)).toBeUndefined();
  });
});
