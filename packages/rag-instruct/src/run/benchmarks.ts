import type { OnProgress } from "@rag-instruct/core";
import { fingerprint, listInputFiles, listRecordFiles } from "@rag-instruct/corpus";
import { benchmarkTexts, otherTexts } from "@rag-instruct/eval";
import { type ForbiddenFiles, readForbiddenFiles } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";

/** Reads the files of benchmarks; undefined where there are none. Throws what reading them throws. */
export async function openForbiddenFiles(
  benchmarks: ResolvedConfig["benchmarks"],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<ForbiddenFiles | undefined> {
  if (Object.keys(benchmarks).length === 0) return undefined;
  const unread: Record<string, number> = {};
  const onUnread = (source: string) => {
    unread[source] = (unread[source] ?? 0) + 1;
  };
  const texts = benchmarkTexts(await benchmarkFiles(benchmarks), { onUnread, signal });
  return readForbiddenFiles(texts, { unread, onProgress, signal });
}

/** The files of each benchmark, folders and globs gone through. Throws `file-missing`. */
export async function benchmarkFiles(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string[]>> {
  const entries = Object.entries(benchmarks).map(async ([id, from]) => {
    if (id !== otherTexts) return [id, await listRecordFiles(from)] as const;
    return [id, (await listInputFiles(from)).map(({ path }) => path)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What a stage's key says of benchmarks. Throws `file-missing`. */
export async function fingerprintBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string>> {
  const entries = Object.entries(benchmarks).map(async ([id, files]) => [id, await fingerprint(files)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
