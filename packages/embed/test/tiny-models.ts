import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type OnnxEmbedderOptions, onnxEmbedder } from "../src/index.ts";
import { writeTinyModel } from "./tiny-model.ts";

/** Files of a tiny model that differ from its usual ones. */
export type TinyModel = Parameters<typeof writeTinyModel>[1];

/** A folder for each test, and an embedding of one text by the model that is written there. */
export function tinyModels() {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "model-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function embed(
    text: string,
    {
      model,
      options,
      kind = "passage",
    }: { model?: TinyModel; options?: Partial<OnnxEmbedderOptions>; kind?: "query" | "passage" } = {},
  ): Promise<number[]> {
    await writeTinyModel(folder, model);
    await using embedder = await onnxEmbedder({ model: folder, threads: 1, ...options });
    return [...(await embedder.embed([text], { kind })).data];
  }
  return { embed, folder: () => folder };
}
