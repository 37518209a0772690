import { existsSync } from "node:fs";
import { basename, isAbsolute, resolve } from "node:path";
import type { Recall } from "@rag-instruct/core/node";
import type { EmbeddingChoice } from "./embedding-options.ts";

/** A hash of the files behind paths; whole ones where large files are to be told by their content too, as `fingerprint` of `@rag-instruct/corpus`. */
export type Fingerprint = (paths: readonly string[], options?: { isWhole?: boolean }) => Promise<string>;

/** What a choice is called in messages. */
export function nameEmbedding(choice: EmbeddingChoice): string {
  if ("embed" in choice) return choice.id;
  return "model" in choice ? choice.model : choice.name;
}

/** The paths of vectors that are there already; undefined where passages are embedded. */
export function vectorPaths(choice: EmbeddingChoice | undefined): readonly string[] | undefined {
  if (choice === undefined || "embed" in choice || choice.vectors === undefined) return undefined;
  return [choice.vectors].flat();
}

/** A choice whose folders are named from the root, so that they mean the same from everywhere; a preset or hub id stays. */
export function placeEmbedding(choice: EmbeddingChoice): EmbeddingChoice {
  if ("embed" in choice) return choice;
  const vectors = vectorPaths(choice)?.map((path) => resolve(path));
  if (!("model" in choice) || !existsSync(choice.model)) return { ...choice, vectors };
  return { ...choice, model: resolve(choice.model), vectors };
}

/**
 * What identifies the vectors of a choice, for the key of a stage. No key of an endpoint is part of it.
 * @param options.recall reads a model folder, or gives what is recorded of one that is gone
 */
export async function describeEmbedding(
  choice: EmbeddingChoice,
  { recall, fingerprint }: { recall: Recall; fingerprint: Fingerprint },
): Promise<Record<string, unknown>> {
  if ("embed" in choice) return { embedder: choice.id };
  const { preset, prompts } = choice;
  const paths = vectorPaths(choice);
  const vectors = paths && (await recall("vectors", () => fingerprint(paths)));
  if (!("model" in choice)) {
    const { name, baseUrl, dimensions } = choice;
    return { name, dimensions, baseUrl: baseUrl?.replace(/\/+$/, ""), preset, prompts, vectors };
  }
  const { model, quantized = false, graph, pooling, normalize, maxTokens, dimensions } = choice;
  // One that is called as its folder is the folder's own, whether it was said or not.
  const stated = preset === basename(model) ? undefined : preset;
  const how = { quantized, graph, preset: stated, pooling, normalize, prompts, maxTokens, dimensions, vectors };
  const isFolder = isAbsolute(model) || existsSync(model);
  return isFolder
    ? { folder: await recall("folder", () => fingerprint([model], { isWhole: true })), ...how }
    : { model, ...how };
}
