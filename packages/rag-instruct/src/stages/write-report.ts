import { offlineModelId } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config.ts";
import { describeModel, nameModel } from "../models.ts";
import { writeHtmlReport } from "../report/write-html-report.ts";
import type { Stage } from "../stage.ts";
import { version } from "../version.ts";

/** Everything made so far to `report.html`. */
export function reportStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, language } = config;
  return {
    name: "report",
    inputs: { layout: 2, counts, language: language ?? null },
    outputs: ["report.html"],
    async run({ folder, signal }) {
      const model = nameModel(config.model);
      const { verdicts } = await writeHtmlReport({
        path: (name) => folder.path(name),
        to: folder.path("report.html"),
        wanted: counts,
        model: describeModel(model),
        isOffline: model.modelId === offlineModelId,
        generator: `rag-instruct ${version}`,
        paradigms,
        language,
        signal,
      });
      return {
        counts: {
          examples: verdicts.accepted,
          "not accepted": verdicts.rejected + verdicts.failed + verdicts.unassembled,
        },
      };
    },
  };
}
