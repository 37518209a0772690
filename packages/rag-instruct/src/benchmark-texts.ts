import { isObject, RagInstructError } from "@rag-instruct/core";
import { extensionOf, openText, readLines, readRecords } from "@rag-instruct/core/node";
import { type EvalItem, readBenchmark } from "@rag-instruct/eval";
import type { ForbiddenText } from "@rag-instruct/simulate";
import type { Config, ResolvedConfig } from "./config.ts";

/** The key of texts that are of no benchmark. */
export const otherTexts = "texts";

/** Paths of benchmarks' files put through a function. */
export function mapFiles(
  benchmarks: NonNullable<Config["benchmarks"]>,
  map: (path: string) => string,
): Record<string, string | string[]> {
  const entries = Object.entries(benchmarks).map(([id, from]) => [
    id,
    typeof from === "string" ? map(from) : Array.isArray(from) ? from.map((path) => map(path)) : from,
  ]);
  return Object.fromEntries(entries);
}

/**
 * What of benchmarks no training data may hold, as the evaluation reads them: every question and earlier turn, and the text that a
 * question is about where the benchmark always shows it. Paragraphs that a file brings along for retrieval are not among them: they are
 * of the corpus that everybody retrieves from. Records that give no question are told to `onUnread`.
 */
export async function* benchmarkTexts(
  benchmarks: ResolvedConfig["benchmarks"],
  { onUnread, signal }: { onUnread: (source: string) => void; signal?: AbortSignal | undefined },
): AsyncGenerator<ForbiddenText> {
  for (const [source, from] of Object.entries(benchmarks)) {
    if (source === otherTexts) {
      for await (const text of plainTexts(from, signal)) yield { source, text };
      continue;
    }
    const items = readBenchmark({
      benchmark: source,
      from,
      subset: false,
      onRejected: () => onUnread(source),
      signal,
    });
    for await (const item of items) for (const text of textsOf(item)) yield { source, text };
  }
}

function textsOf({ question, turns = [], context }: EvalItem): string[] {
  return [question, ...turns, ...(context === undefined ? [] : [context])];
}

/** The lines of text files; of records their `question`, `instruction` or `text`. */
async function* plainTexts(paths: readonly string[], signal: AbortSignal | undefined): AsyncGenerator<string> {
  const passed = signal ? { signal } : {};
  for (const path of paths) {
    if (extensionOf(path) === "txt") {
      for await (const { text } of readLines(openText(path, passed).utf8)) if (text?.trim()) yield text;
      continue;
    }
    for await (const { value, file, line } of readRecords(path, passed)) {
      const { question, instruction, text } = (isObject(value) ? value : {}) as Record<string, unknown>;
      const found = [question, instruction, text].filter((one) => typeof one === "string" && one.trim() !== "");
      if (found.length === 0) {
        const message = `${file}:${line}: a record of forbidden texts needs a \`question\`, an \`instruction\` or a \`text\``;
        throw new RagInstructError("bad-record", message);
      }
      yield* found as string[];
    }
  }
}
