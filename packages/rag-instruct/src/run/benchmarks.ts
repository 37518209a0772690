import { isObject, type OnProgress, RagInstructError } from "@rag-instruct/core";
import { extensionOf, openText, readLines, readRecords, writeAtomic } from "@rag-instruct/core/node";
import { type EvalItem, readBenchmark } from "@rag-instruct/eval";
import {
  contaminationReport,
  type DecontaminationReport,
  type ForbiddenText,
  type ForbiddenTexts,
  readForbiddenTexts,
} from "@rag-instruct/simulate";
import { otherTexts, type ResolvedConfig } from "../config/schema.ts";
import { fingerprint, inputFiles } from "./files.ts";

type Checked = Parameters<ReturnType<typeof contaminationReport>["add"]>[0];

/** What a run folder says of its benchmarks. */
export interface RunDecontamination extends DecontaminationReport {
  /** Records of their files that give no question, by benchmark. */
  unread: Record<string, number>;
}

/** The texts of benchmarks, and which pairs of a set are in them. */
export interface ForbiddenFiles {
  texts: ForbiddenTexts;
  /** Adds outcomes up as they pass. */
  watch<O extends Checked>(outcomes: AsyncIterable<O>): AsyncIterable<O>;
  /** Writes {@link RunDecontamination} once they have passed. */
  writeReport(path: string): Promise<void>;
}

/** Reads the files of benchmarks. Throws what reading them throws. */
export async function openForbiddenFiles(
  benchmarks: ResolvedConfig["benchmarks"],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<ForbiddenFiles> {
  const unread: Record<string, number> = {};
  const onUnread = (source: string) => {
    unread[source] = (unread[source] ?? 0) + 1;
  };
  const texts = await readForbiddenTexts(benchmarkTexts(benchmarks, { onUnread, signal }), { onProgress, signal });
  const sum = contaminationReport();
  return {
    texts,
    async *watch(outcomes) {
      for await (const outcome of outcomes) {
        sum.add(outcome);
        yield outcome;
      }
    },
    async writeReport(path) {
      const report: RunDecontamination = { ...sum.report(texts), unread };
      await writeAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
    },
  };
}

/** Throws `file-missing` where a file of a benchmark is not there, before a run has begun. */
export async function requireBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<void> {
  for (const path of Object.values(benchmarks).flat()) {
    if ((await inputFiles(path)).length === 0)
      throw new RagInstructError("file-missing", `${path} is not there; check the path of the benchmark`);
  }
}

/** What a stage's key says of benchmarks. Throws `file-missing`. */
export async function fingerprintBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string>> {
  const entries = Object.entries(benchmarks).map(async ([id, files]) => [id, await fingerprint(files)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * What of benchmarks no training data may hold, as the evaluation reads them: every question and earlier turn, and the text that a
 * question is about where the benchmark always shows it. Paragraphs that a file brings along for retrieval are not among them: they are
 * of the corpus that everybody retrieves from. Records that give no question are told to `onUnread`.
 */
async function* benchmarkTexts(
  benchmarks: ResolvedConfig["benchmarks"],
  { onUnread, signal }: { onUnread: (source: string) => void; signal?: AbortSignal },
): AsyncGenerator<ForbiddenText> {
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
