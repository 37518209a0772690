import { readdir, stat } from "node:fs/promises";
import { writeAtomic } from "@rag-instruct/core/node";
import { offlineModelId } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config.ts";
import { describeModel, resolveModel } from "../models.ts";
import { hashFile } from "../outputs.ts";
import type { RunFolder } from "../run-folder.ts";
import type { Stage, StageResult } from "../stage.ts";
import { version } from "../version.ts";

const outputs = ["exemplars.jsonl", "plan.jsonl", "pairs.jsonl", "rejected.jsonl", "train.jsonl", "report.html"];

/**
 * What the run was made from and what it made, to `manifest.json`. It holds no time and no place, so that two runs of the
 * same inputs, seed and replies have the same manifest.
 */
export function manifestStage(config: ResolvedConfig, results: readonly StageResult[]): Stage {
  const { corpus, exemplars, paradigms, counts, language, documents, beyond, depth, exports, seed } = config;
  const model = resolveModel(config.model);
  return {
    name: "manifest",
    inputs: { version },
    outputs: ["manifest.json"],
    async run({ folder }) {
      const manifest = {
        generator: `rag-instruct ${version}`,
        model: describeModel(model),
        ...(model.modelId === offlineModelId
          ? { notice: "made with the offline model: for trying the flow, not for training" }
          : {}),
        options: {
          ...{ counts, language, documents, beyond, depth, exports, seed },
          corpus: { format: corpus.format, words: corpus.words },
          exemplars: typeof exemplars === "string" ? "file" : exemplars ? "config" : "demo",
        },
        paradigms: Object.fromEntries(Object.values(paradigms).map(({ id, version }) => [id, version])),
        stages: Object.fromEntries(results.map(({ name, key, counts }) => [name, { key, counts }])),
        outputs: await describeOutputs(folder),
      };
      await writeAtomic(folder.path("manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
      return { counts: { files: Object.keys(manifest.outputs).length } };
    },
  };
}

async function describeOutputs(folder: RunFolder): Promise<Record<string, { bytes: number; sha256: string }>> {
  const exports = (await readdir(folder.path("exports"))).sort().map((name) => `exports/${name}`);
  const described: Record<string, { bytes: number; sha256: string }> = {};
  for (const name of [...outputs, ...exports]) {
    described[name] = { bytes: (await stat(folder.path(name))).size, sha256: await hashFile(folder.path(name)) };
  }
  return described;
}
