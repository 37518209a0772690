import type { Exemplar } from "@rag-instruct/core";
import { listRecordFiles } from "@rag-instruct/corpus";
import { demoExemplars, type FilterExemplarsOptions } from "@rag-instruct/simulate";
import { exemplarPaths, type ResolvedConfig } from "../config/schema.ts";

/** What exemplars are read from, and what of it is taken. A file that a folder or a glob led to may hold none. */
export async function exemplarSource({
  exemplars = demoExemplars,
  sample,
  seed,
}: Pick<ResolvedConfig, "exemplars" | "sample" | "seed">): Promise<
  Pick<FilterExemplarsOptions, "sample" | "seed" | "mayHoldNone"> & { source: readonly string[] | readonly Exemplar[] }
> {
  const paths = exemplarPaths(exemplars);
  const source = paths ? await listRecordFiles(paths) : exemplars;
  return { source, sample, seed, mayHoldNone: (file) => !paths?.includes(file) };
}
