import type { OnProgress } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { fingerprint, listInputFiles, listRecordFiles } from "@rag-instruct/corpus";
import { benchmarkTexts, otherTexts } from "@rag-instruct/eval";
import {
  contaminationReport,
  type DecontaminationReport,
  type ForbiddenFiles,
  readForbiddenTexts,
} from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";

/** What a run folder says of its benchmarks. */
export interface RunDecontamination extends DecontaminationReport {
  /** Records of their files that give no question, by benchmark. */
  unread: Record<string, number>;
}

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
  const files = await benchmarkFiles(benchmarks);
  const texts = await readForbiddenTexts(benchmarkTexts(files, { onUnread, signal }), { onProgress, signal });
  const sum = contaminationReport();
  return {
    texts,
    watching: sum.watching,
    async writeReport(path) {
      const report: RunDecontamination = { ...sum.report(texts), unread };
      await writeAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
    },
  };
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
