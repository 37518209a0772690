import { writeFile } from "node:fs/promises";
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
  renumberCitations,
  shingles,
  tellingSentence,
  tellingTokens,
  textOutsideReasoning,
  tokensAbout,
  tokensAtMost,
  trimFunctionWords,
  wordsOf,
} from "@rag-instruct/core";
import { judgeFailure, retryAfter } from "@rag-instruct/core/calls";
import { visibleString } from "@rag-instruct/core/page";
import { readDocuments, splitDocument } from "@rag-instruct/corpus";
import { parseQrels, parseRun, scoreAnswer, scoreReference } from "@rag-instruct/eval";
import { renderExample, statedAnswers } from "@rag-instruct/format";
import {
  furtherParadigms,
  namesMissing,
  paradigms,
  parseReply,
  readJsonReply,
  renderPrompt,
  repeatsPrompt,
  tablesIn,
} from "@rag-instruct/paradigms";
import { englishAnalyzer } from "@rag-instruct/retrieve";
import { checkLexically, checkText, detectTask, keepKnowledgeIntensive, readExemplars } from "@rag-instruct/simulate";
import { findBenchmark } from "../../packages/eval/src/benchmarks.ts";
import { findSpans } from "../../packages/viewer/src/page/find-spans.ts";
import { readMarkdown } from "../../packages/viewer/src/page/markdown.ts";

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
/** What a hard text repeats. */
export const units: readonly string[] = [...runs, ...mixes];
/** A text of one unit again and again, with something else before and behind. */
export function textOf(unit: string, length: number): string {
  return `x${unit.repeat(Math.ceil(length / unit.length)).slice(0, length)}\u0001`;
}

const exemplar = (question: string): Exemplar => ({ id: "e", question, task: "open", source: "s" });
const passage = (text: string) => ({ id: "p", title: "A title", text });
const context = "The bridge was built by Ada Long in 1901 over the river Tamar.";

async function readAs(path: string, text: string): Promise<unknown> {
  await writeFile(path, text);
  const ignore = () => undefined;
  if (path.endsWith("exemplars.jsonl")) return Array.fromAsync(readExemplars(path, { onUnread: ignore }));
  return Array.fromAsync(readDocuments(path, { onUnread: ignore }));
}

function checked(part: Partial<Pick<Pair, "question" | "answer">>, document = context): unknown {
  const base = { question: "Who built the bridge over the river Tamar?", answer: "Ada Long built it." };
  const pair = { id: "i", exemplarId: "e", paradigm: "single-doc-answer", model: "m", documents: [passage(document)] };
  return checkLexically({ ...pair, ...base, ...part }, { paradigm: paradigms["single-doc-answer"] });
}

/** The own checks of paradigms, each given the text in the place of one of the things that it compares. */
const ownChecks = Object.values(furtherParadigms).flatMap(({ id, check }) => {
  const documents = [passage(context), passage("| who | when |\n|---|---|\n| Ada Long | 1901 |\n| Ida Boe | 1902 |")];
  const pair = { question: "When did Ada Long build it?", answer: "In 1901 [1]. Who paid is not known.", documents };
  return [
    [`${id}, question`, (question: string) => check!({ ...pair, question }, {})],
    [`${id}, answer`, (answer: string) => check!({ ...pair, answer }, {})],
    [`${id}, document`, (text: string) => check!({ ...pair, documents: [passage(text), documents[0]!] }, {})],
    [
      `${id}, all`,
      (text: string) => check!({ question: text, answer: text, documents: [passage(text), passage(text)] }, {}),
    ],
  ] as const;
});

const scored = (benchmark: string, golds: string[], options?: string[]) => (text: string) =>
  scoreAnswer(findBenchmark(benchmark), { id: "i", question: "Who built it?", golds, options }, { output: text });
const example = (text: string) => ({
  id: "i",
  question: text,
  answer: text,
  paradigm: "single-doc-answer",
  documents: [{ ...passage(text), role: "source" as const }],
});

/** The functions that take text of others, by their names. @param folder of temporary files */
export const textFunctions = (folder: string): Readonly<Record<string, (text: string) => unknown>> => ({
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
  tellingSentence: (text) => tellingSentence(text, text.slice(0, 500)),
  tellingTokens: (text) => trimFunctionWords(tellingTokens(canonicalTokens(text))),
  textOutsideReasoning,
  tokensAbout: (text) => tokensAbout(text) + tokensAtMost(text),
  wordsOf,
  judgeFailure: (text) => judgeFailure(new Error(text)),
  retryAfter: (text) => retryAfter({ "retry-after": text, "x-ratelimit-reset-requests": text }),
  "readDocuments, Markdown": (text) => readAs(join(folder, "a.md"), `# Title\n\n${text}`),
  "readDocuments, MDX": (text) => readAs(join(folder, "a.mdx"), `import A from "a";\n\n# Title\n\n<A>${text}</A>`),
  "readDocuments, front matter": (text) => readAs(join(folder, "f.md"), `---\na: b: c\n${text}\n---\n`),
  "readDocuments, HTML": (text) => readAs(join(folder, "a.html"), `<html><body><p>${text}</p></body></html>`),
  "readDocuments, text": (text) => readAs(join(folder, "a.txt"), text),
  "readDocuments, records": (text) => readAs(join(folder, "a.jsonl"), JSON.stringify({ id: "a", text })),
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
  ...Object.fromEntries(ownChecks),
  tablesIn,
  namesMissing: (text) => namesMissing(text, text.slice(0, 500)),
  renumberCitations: (text) => renumberCitations(text, (number) => number),
  detectTask,
  keepKnowledgeIntensive: (text) =>
    Array.fromAsync(keepKnowledgeIntensive({ exemplars: [exemplar(text.slice(0, 19_000)), exemplar(text)] })),
  readExemplars: (text) =>
    readAs(
      join(folder, "exemplars.jsonl"),
      [text.slice(0, 19_000), text].map((question) => JSON.stringify({ question })).join("\n"),
    ),
  findSpans: (text) => findSpans(text, { quotes: [text.slice(9), "built…by"], answer: text.slice(0, 999) }),
  visibleString,
  readMarkdown,
});

function attempt(action: () => unknown): void {
  try {
    action();
  } catch {
    // What it refuses it has read as well.
  }
}
