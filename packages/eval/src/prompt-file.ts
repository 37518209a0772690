import { readFile } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { findBenchmark } from "./benchmarks.ts";
import { isFields } from "./layouts/fields.ts";
import { type BenchmarkPromptParts, type BenchmarkTemplate, publishedDocuments, publishedOptions } from "./prompt.ts";

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
