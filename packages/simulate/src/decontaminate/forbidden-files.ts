import type { Source } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { type ContaminationReport, contaminationReport } from "./decontaminate.ts";
import {
  type ForbiddenText,
  type ForbiddenTexts,
  type ForbiddenTextsOptions,
  readForbiddenTexts,
} from "./forbidden-texts.ts";

/** Name of the report on texts of benchmarks, in a run folder. */
export const decontaminationFile = "decontamination.json";

/** The texts of benchmarks, and which pairs of a set are in them. */
export interface ForbiddenFiles extends Pick<ContaminationReport, "watching"> {
  texts: ForbiddenTexts;
  /** Writes what was found once the pairs have passed. */
  writeReport(path: string): Promise<void>;
}

/**
 * Reads texts once and watches which pairs are in them, for a report.
 * @param options.unread records that gave no text, by source, which the report tells too
 */
export async function readForbiddenFiles(
  texts: Source<ForbiddenText>,
  { unread, ...options }: ForbiddenTextsOptions & { unread: Readonly<Record<string, number>> },
): Promise<ForbiddenFiles> {
  const forbidden = await readForbiddenTexts(texts, options);
  const sum = contaminationReport();
  return {
    texts: forbidden,
    watching: sum.watching,
    writeReport: (path) => writeAtomic(path, `${JSON.stringify({ ...sum.report(forbidden), unread }, null, 2)}\n`),
  };
}
