import type { TrainingExample } from "@rag-instruct/core";
import { exportExamples, readExamples } from "@rag-instruct/format";
import type { ResolvedConfig } from "../config.ts";
import type { Stage } from "../stage.ts";

/** Training examples to `exports/`, a file a format. */
export function exportStage({ exports: formats, seed }: ResolvedConfig): Stage {
  return {
    name: "export",
    inputs: { formats, seed },
    outputs: [],
    async run({ folder, signal }) {
      const examples: AsyncIterable<TrainingExample> = readExamples(folder.path("train.jsonl"));
      const report = await exportExamples({
        examples,
        to: folder.path("exports"),
        formats,
        overwrite: true,
        ...(signal ? { signal } : {}),
      });
      return { counts: { formats: formats.length, examples: report.examples } };
    },
  };
}
