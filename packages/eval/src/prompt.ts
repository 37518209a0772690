import { readFile } from "node:fs/promises";
import { optionLetter, type Passage, RagInstructError, renderInstruction } from "@rag-instruct/core";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import type { EvalItem } from "./item.ts";

import { isFields } from "./layouts/fields.ts";

/** What a template lays out. */
export interface BenchmarkPromptParts {
  /** In the order shown; none for a closed-book question. */
  documents: readonly Passage[];
  /** The benchmark's request and the question. */
  question: string;
  /** Choices without their letters. */
  options?: readonly string[];
  /** What is asked: for templates that lay each task out in its own way. */
  benchmark: Benchmark;
  item: EvalItem;
}

/** Lays out the parts of a prompt. */
export type BenchmarkTemplate = (parts: BenchmarkPromptParts) => string;

/**
 * The layouts by name. The published ones are those of the method's evaluation (eval/eval_sglang.py): headings, order, numbers of
 * documents and marks of options are its own, sentences are in our words.
 */
export const benchmarkTemplates = {
  /** The bytes that models are trained on: core's `renderInstruction`. */
  training: renderInstruction,
  /** The same with a closing `### Response:` line. */
  response: (parts: BenchmarkPromptParts): string => `${renderInstruction(parts)}\n### Response:\n`,
  /** As the published evaluation asks by default (`--model_type sft`): documents and request inside `### Instruction:`. */
  published: (parts: BenchmarkPromptParts): string => {
    const documents =
      parts.documents.length === 0
        ? ""
        : `Documents for reference:\n${publishedDocuments(parts.documents)}\n\nAnswer the following question with the help of the documents above:\n`;
    return `### Instruction:\n${documents}${publishedQuestion(parts)}\n\n### Response:\n`;
  },
  /** As the published evaluation asks models of any other `--model_type`: `### Paragraph:`, `### Instruction:`, `### Response:`. */
  "published-plain": (parts: BenchmarkPromptParts): string => {
    const documents = parts.documents.length === 0 ? "" : `### Paragraph:\n${publishedDocuments(parts.documents)}\n\n`;
    return `${documents}### Instruction:\n${publishedQuestion(parts)}\n\n### Response:\n`;
  },
} satisfies Record<string, BenchmarkTemplate>;

/** Documents as the published evaluation shows them: number and text without the title, one after the other. */
function publishedDocuments(documents: readonly Passage[]): string {
  return documents.map(({ text }, i) => `[${i + 1}] ${text}`).join("\n");
}

/** Letters that the published evaluation always shows, with nothing behind them where a question has fewer choices. */
const minPublishedOptions = 4;

/** Choices as the published evaluation shows them: `A: …`, one a line, from A to D at least. */
function publishedOptions(options: readonly string[]): string {
  const shown = Array.from({ length: Math.max(minPublishedOptions, options.length) }, (_, i) => options[i] ?? "");
  return shown.map((option, i) => `${optionLetter(i)}: ${option}`).join("\n");
}

function publishedQuestion({ question, options = [] }: BenchmarkPromptParts): string {
  return options.length === 0 ? question : `${question}\n${publishedOptions(options)}`;
}

/** Options of {@link renderBenchmarkPrompt}. */
export interface BenchmarkPromptOptions {
  /** What a retriever found for the question, best first. @default the item's own documents */
  documents?: readonly Passage[];
  /** Paragraphs shown; 0 asks closed-book, without the item's own context too where that stands in paragraphs. @default 10 */
  limit?: number;
  /** A name of {@link benchmarkTemplates} or a function. @default "training" */
  template?: keyof typeof benchmarkTemplates | BenchmarkTemplate;
}

/** Paragraphs that the published evaluation shows. */
export const defaultDocuments = 10;

/** The prompt of one item, as the method's evaluation asks it: numbered paragraphs, request, question, options. */
export function renderBenchmarkPrompt(
  benchmark: string | Benchmark,
  item: EvalItem,
  { documents = item.documents ?? [], limit = defaultDocuments, template = "training" }: BenchmarkPromptOptions = {},
): string {
  const found = findBenchmark(benchmark);
  return layOutPrompt(found, item, { documents: shownDocuments(found, item, { documents, limit }), template });
}

/** The prompt of one item with just these paragraphs. */
export function layOutPrompt(
  benchmark: Benchmark,
  item: EvalItem,
  { documents, template }: { documents: readonly Passage[]; template: NonNullable<BenchmarkPromptOptions["template"]> },
): string {
  const layOut = typeof template === "string" ? benchmarkTemplates[template] : template;
  if (!layOut) {
    throw new RagInstructError(
      "bad-option",
      `there is no template "${String(template)}"; there are ${Object.keys(benchmarkTemplates).join(", ")}`,
    );
  }
  return layOut({
    documents,
    question: benchmark.instruction(item),
    options: item.options,
    benchmark,
    item,
  });
}

/** The paragraphs that an item is asked with. */
export function shownDocuments(
  benchmark: Benchmark,
  item: EvalItem,
  { documents, limit }: { documents: readonly Passage[]; limit: number },
): readonly Passage[] {
  if (!benchmark.ownContext || item.context === undefined) return documents.slice(0, limit);
  return limit === 0 ? [] : [{ id: item.id, title: "", text: item.context }];
}

/** What a placeholder of a template stands for. */
const placeholders = {
  /** `[1] text`, one document a line, without titles. */
  documents: ({ documents }) => publishedDocuments(documents),
  /** The benchmark's request and the question, in our words. */
  instruction: ({ question }) => question,
  /** The question alone. */
  question: ({ item }) => item.question,
  /** `A: …`, one choice a line, from A to D at least; nothing where there are no choices. */
  options: ({ options = [] }) => (options.length === 0 ? "" : publishedOptions(options)),
  /** The text that the question is about: a report page, an abstract. */
  context: ({ item }) => item.context ?? "",
  /** Earlier turns of the conversation, each on a line of its own after a line break. */
  turns: ({ item }) => (item.turns ?? []).map((turn) => `\n${turn}`).join(""),
} satisfies Record<string, (parts: BenchmarkPromptParts) => string>;

const placeholder = new RegExp(`\\{(${Object.keys(placeholders).join("|")})\\}`, "g");

/** The template for benchmarks that the file does not name. */
const anyOther = "default";

/**
 * Reads a JSON file of prompt templates, one a benchmark: `{ "popqa": "…{documents}…{question}…", "default": "…" }`. Keys are ids, the
 * names that the method's own evaluation file uses, or `default`; `{documents}`, `{instruction}`, `{question}`, `{options}`, `{context}`
 * and `{turns}` are filled in, every other character is sent as it stands. Throws `file-missing`, `bad-input` for a file that is no
 * such object, and `bad-option` for a benchmark that is asked and has no template.
 */
export async function readPromptTemplates(path: string): Promise<BenchmarkTemplate> {
  const templates = parseTemplates(await readText(path), path);
  return (parts) => {
    const template = templates.get(parts.benchmark.id) ?? templates.get(anyOther);
    if (template === undefined) {
      throw new RagInstructError(
        "bad-option",
        `${path} has no template for ${parts.benchmark.id}; add one under that name, or under "${anyOther}"`,
      );
    }
    // One pass: what a document or a question holds in braces is never filled in.
    return template.replace(placeholder, (_, name: keyof typeof placeholders) => placeholders[name](parts));
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new RagInstructError("file-missing", `cannot read the templates ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function parseTemplates(text: string, path: string): Map<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new RagInstructError("bad-input", `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isFields(value)) throw new RagInstructError("bad-input", `${path} must be an object of templates by benchmark`);
  return new Map(
    Object.entries(value).map(([name, template]) => {
      if (typeof template !== "string" || !template.match(/\{(?:instruction|question)\}/)) {
        throw new RagInstructError(
          "bad-input",
          `${path}: the template of ${name} must be a text with {instruction} or {question} in it`,
        );
      }
      return [name === anyOther ? name : findBenchmark(name).id, template];
    }),
  );
}
