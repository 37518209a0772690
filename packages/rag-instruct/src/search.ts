import type { Retriever } from "@rag-instruct/core";
import { resolveConfig } from "./config/resolve.ts";
import type { Config, ResolvedConfig } from "./config.ts";
import { makingStages, type RunOptions, runResolved, type StageName } from "./pipeline.ts";
import { queryCalls } from "./query-calls.ts";
import { openRetriever } from "./retriever.ts";
import { readRunFolder } from "./run-folder.ts";
import { checkStages, stagesUntil } from "./stage.ts";

/**
 * The retriever of a run: BM25, dense or both, as the config says. Documents that are not indexed yet, or have changed, are
 * indexed first; a folder that is up to date is only read, also while another process writes to it.
 */
export async function openRunRetriever(
  config: Config | ResolvedConfig,
  options: Omit<RunOptions, "until"> = {},
): Promise<Retriever & AsyncDisposable> {
  const resolved = "counts" in config ? config : resolveConfig(config);
  const { signal } = options;
  const needed: StageName[] = ["index"];
  if (resolved.embeddings && resolved.retrieval !== "bm25") needed.push("embed");
  if (resolved.postgres) needed.push("share");
  for (const until of needed) {
    const folder = await readRunFolder(resolved.to);
    let isFresh = true;
    for await (const { before } of checkStages(stagesUntil(makingStages(resolved), until), { folder, signal }))
      isFresh &&= before !== undefined;
    if (!isFresh) await runResolved(resolved, { ...options, until });
  }
  const folder = await readRunFolder(resolved.to);
  const calls = queryCalls(folder, resolved);
  const retriever = await openRetriever(resolved, { folder, signal, calls });
  return {
    id: retriever.id,
    retrieve: (queries, options) => retriever.retrieve(queries, options),
    async [Symbol.asyncDispose]() {
      await retriever[Symbol.asyncDispose]();
      await calls[Symbol.asyncDispose]();
    },
  };
}
