import type { OnProgress } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { fingerprint, listInputFiles } from "@rag-instruct/corpus";
import { benchmarkTexts } from "@rag-instruct/eval";
import {
  type ContaminationReport,
  contaminationReport,
  type DecontaminationReport,
  type ForbiddenTexts,
  readForbiddenTexts,
} from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";

/** What a run folder says of its benchmarks. */
export interface RunDecontamination extends DecontaminationReport {
  /** Records of their files that give no question, by benchmark. */
  unread: Record<string, number>;
}

/** The texts of benchmarks, and which pairs of a set are in them. */
export interface ForbiddenFiles extends Pick<ContaminationReport, "watching"> {
  texts: ForbiddenTexts;
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
    watching: sum.watching,
    async writeReport(path) {
      const report: RunDecontamination = { ...sum.report(texts), unread };
      await writeAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
    },
  };
}

/** Throws `file-missing` where a file of a benchmark is not there, before a run has begun. */
export async function requireBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<void> {
  await listInputFiles(Object.values(benchmarks).flat());
}

/** What a stage's key says of benchmarks. Throws `file-missing`. */
export async function fingerprintBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string>> {
  const entries = Object.entries(benchmarks).map(async ([id, files]) => [id, await fingerprint(files)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
