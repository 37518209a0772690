import { offlineModelId } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config.ts";
import { describeModel, nameModel } from "../models.ts";
import { readChecks } from "../report/read-checks.ts";
import { writeHtmlReport } from "../report/write-html-report.ts";
import type { Stage } from "../stage.ts";
import { version } from "../version.ts";
import { setReportName, writeSetReport } from "../write-set-report.ts";

/** Everything made so far to `report.html`, and its figures to `set-report.json`. */
export function reportStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, language, seed } = config;
  return {
    name: "report",
    inputs: { layout: 3, counts, language: language ?? null, seed },
    outputs: ["report.html", setReportName],
    async run({ folder, signal }) {
      const model = nameModel(config.model);
      const path = (name: string) => folder.path(name);
      const set = await writeSetReport(path, { seed, signal });
      const { verdicts } = await writeHtmlReport({
        path,
        quality: { set, ...(await readChecks(path)) },
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
