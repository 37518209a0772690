import type { Exemplar, Passage } from "@rag-instruct/core";
import { listRecordFiles } from "@rag-instruct/corpus";
import { demoExemplars, type FilterExemplarsOptions, filterExemplars, planTasks } from "@rag-instruct/simulate";
import { exemplarPaths, type ResolvedConfig, wantedCounts } from "../config/schema.ts";

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

/** Pairs by paradigm that exemplars come to which bring their documents, and those documents. Throws what planning throws. */
export async function broughtTasks(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal },
): Promise<{ counts: Record<string, number>; passages: Passage[] }> {
  const { source, ...options } = await exemplarSource(config);
  // What a model would judge is not known yet.
  const filter = config.filter === "model" ? "rules" : config.filter;
  async function* exemplars(): AsyncGenerator<Exemplar> {
    for await (const outcome of filterExemplars(source, { ...options, filter, signal }))
      if (outcome.status === "accepted") yield outcome.value;
  }
  const { paradigms } = config;
  const counts: Record<string, number> = {};
  const passages: Passage[] = [];
  const tasks = planTasks({
    exemplars: exemplars(),
    counts: wantedCounts(config),
    paradigms,
    onUnplanned: () => {},
    signal,
  });
  for await (const { paradigm, documents } of tasks) {
    counts[paradigm] = (counts[paradigm] ?? 0) + 1;
    passages.push(...documents);
  }
  return { counts, passages };
}
