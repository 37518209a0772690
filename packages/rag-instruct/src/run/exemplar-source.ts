import type { Exemplar } from "@rag-instruct/core";
import { listRecordFiles } from "@rag-instruct/corpus";
import { broughtTasks, demoExemplars, type FilterExemplarsOptions } from "@rag-instruct/simulate";
import { exemplarPaths, hasCorpus, type ResolvedConfig, wantedCounts } from "../config/schema.ts";

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

/** Pairs by paradigm that exemplars come to which bring their documents, and those documents; undefined where there is a corpus. */
export async function broughtBy(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal },
): Promise<Awaited<ReturnType<typeof broughtTasks>> | undefined> {
  if (hasCorpus(config) || config.retriever) return undefined;
  const { source, ...reading } = await exemplarSource(config);
  const { filter, paradigms } = config;
  return broughtTasks(source, { ...reading, filter, paradigms, counts: wantedCounts(config), signal });
}
