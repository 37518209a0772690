import { join } from "node:path";
import { storeSize } from "@rag-instruct/corpus";
import { allParadigms, parseReply, promptOfPair, relationOf } from "@rag-instruct/paradigms";
import { calibrate, hashDecisions, offlineModelId, setReportFile, writeSetReport } from "@rag-instruct/simulate";
import { readOutcomes, writeReport } from "@rag-instruct/viewer";
import { type ResolvedConfig, wantedCounts } from "../config/schema.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { version } from "../version.ts";
import type { PipelineStage } from "./stage.ts";

/** Everything made so far to `report.html`, and its figures to `set-report.json`. */
export function reportStage(config: ResolvedConfig): PipelineStage {
  const { counts, language, seed } = config;
  return {
    name: "report",
    inputs: async () => ({
      layout: 7,
      counts,
      language: language ?? null,
      seed,
      reviews: await hashDecisions(config.to),
    }),
    outputs: ["report.html", setReportFile],
    stakes: { isUnedited: true },
    run: async ({ folder, signal }) => ({ counts: await makeReport(folder.path("."), { config, signal }) }),
  };
}

/**
 * Writes the report of a run folder, finished or not, and counts what it shows. Without the run's settings, which one that never
 * succeeded does not keep, what was wanted is read from its plan, and who wrote the pairs from themselves.
 */
export async function makeReport(
  run: string,
  { config, signal }: { config: ResolvedConfig | undefined; signal?: AbortSignal },
): Promise<Record<string, number>> {
  const { paradigms = allParadigms, language, seed = 1 } = config ?? {};
  const model = config && nameModel(config.model);
  // A pair counts as accepted when it is a training example.
  const outcomes = readOutcomes(run, { signal });
  await writeSetReport(run, { outcomes, seed, corpusSize: await storeSize(join(run, "corpus.sqlite")), signal });
  const { verdicts } = await writeReport({
    run,
    calibration: await calibrate(run, { signal }),
    wanted: config && wantedCounts(config),
    model: model && describeModel(model),
    isOffline: model?.modelId === offlineModelId || undefined,
    generator: `rag-instruct ${version}`,
    parseReply,
    promptOf: (request) => promptOfPair({ ...request, language }, paradigms),
    ruleOf: (id) => relationOf(id, paradigms),
    signal,
  });
  return {
    examples: verdicts.accepted,
    "not accepted": verdicts.rejected + verdicts.failed + verdicts.unassembled,
  };
}
