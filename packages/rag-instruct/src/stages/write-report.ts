import { parseReply, renderPrompt } from "@rag-instruct/paradigms";
import { offlineModelId } from "@rag-instruct/simulate";
import { type PromptRequest, writeReport } from "@rag-instruct/viewer";
import type { ResolvedConfig } from "../config.ts";
import { describeModel, nameModel } from "../models.ts";
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
      await writeSetReport(path, { seed, signal });
      const { verdicts } = await writeReport({
        run: folder.path("."),
        wanted: counts,
        model: describeModel(model),
        isOffline: model.modelId === offlineModelId,
        generator: `rag-instruct ${version}`,
        parseReply,
        promptOf: (request) => promptOf(request, { paradigms, language }),
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

/** The prompt of a pair; none where its paradigm is not known here, or takes another number of documents. */
function promptOf(
  { paradigm: id, documents, exemplar }: PromptRequest,
  { paradigms, language }: Pick<ResolvedConfig, "paradigms" | "language">,
): { instructions: string; prompt: string } | undefined {
  const paradigm = Object.hasOwn(paradigms, id) ? paradigms[id] : undefined;
  if (!paradigm) return undefined;
  const { min, max } = paradigm.documents;
  if (documents.length < min || documents.length > max) return undefined;
  return renderPrompt({ paradigm, documents, exemplar, language });
}
