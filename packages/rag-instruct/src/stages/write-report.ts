import { writeAtomic } from "@rag-instruct/core/node";
import type { ResolvedConfig } from "../config.ts";
import { describeModel, resolveModel } from "../models.ts";
import { collectReport } from "../report/data.ts";
import { renderReport } from "../report/page.ts";
import type { Stage } from "../stage.ts";

/** Everything made so far to `report.html`. */
export function reportStage(config: ResolvedConfig): Stage {
  return {
    name: "report",
    inputs: { layout: 1 },
    outputs: ["report.html"],
    async run({ folder }) {
      const data = await collectReport(folder, {
        counts: config.counts,
        model: describeModel(resolveModel(config.model)),
      });
      await writeAtomic(folder.path("report.html"), renderReport(data));
      return { counts: { "examples shown": data.examples.length } };
    },
  };
}
