import { readFile } from "node:fs/promises";
import type { SetReport } from "@rag-instruct/simulate";
import type { RunDecontamination } from "../run/benchmarks.ts";
import { decontaminationFile as reportName } from "../run/folder.ts";
import type { RunNoise } from "../stages/assemble.ts";

/** What is known of a set's quality beside its pairs. */
export interface Quality {
  set: SetReport;
  noise?: RunNoise;
  decontamination?: RunDecontamination;
}

/** What the run folder keeps of the checks of noise and of benchmarks, where it does. */
export async function readChecks(path: (name: string) => string): Promise<Omit<Quality, "set">> {
  const [noise, decontamination] = await Promise.all([
    readJson<RunNoise>(path("noise.json")),
    readJson<RunDecontamination>(path(reportName)),
  ]);
  return { noise, decontamination };
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
