import { isObject, RagInstructError } from "@rag-instruct/core";
import { extensionOf, openText, readLines, readRecords } from "@rag-instruct/core/node";
import type { EvalItem } from "./item.ts";
import { readBenchmark } from "./read-benchmark.ts";

/** The key of texts that are of no benchmark. */
export const otherTexts = "texts";

/** Options of {@link benchmarkTexts}. */
export interface BenchmarkTextsOptions {
  /** Called with the benchmark of each record that gives no question, which is then passed over. @default nothing */
  onUnread?: (benchmark: string) => void;
  signal?: AbortSignal;
}

/**
 * What of benchmarks no training data may hold, as the evaluation reads them: every question and earlier turn, and the text that a
 * question is about where the benchmark always shows it. Paragraphs that a file brings along for retrieval are not among them: they are
 * of the corpus that everybody retrieves from. Under the key {@link otherTexts} stand text files, and records of any kind. Records that give no question are told to `onUnread`.
 */
export async function* benchmarkTexts(
  benchmarks: Readonly<Record<string, readonly string[]>>,
  { onUnread = () => {}, signal }: BenchmarkTextsOptions = {},
): AsyncGenerator<{ source: string; text: string }> {
  for (const [source, from] of Object.entries(benchmarks)) {
    if (source === otherTexts) {
      for await (const text of plainTexts(from, signal)) yield { source, text };
      continue;
    }
    const items = readBenchmark({ benchmark: source, from, subset: false, onRejected: () => onUnread(source), signal });
    for await (const item of items) for (const text of textsOf(item)) yield { source, text };
  }
}

function textsOf({ question, turns = [], context }: EvalItem): string[] {
  return context === undefined ? [question, ...turns] : [question, ...turns, context];
}

/** The lines of text files; of records their `question`, `instruction` or `text`. */
async function* plainTexts(paths: readonly string[], signal?: AbortSignal): AsyncGenerator<string> {
  for (const path of paths) {
    if (extensionOf(path) === "txt") {
      for await (const { text } of readLines(openText(path, { signal }).utf8)) if (text?.trim()) yield text;
      continue;
    }
    for await (const { value, file, line } of readRecords(path, { signal })) {
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
