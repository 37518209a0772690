import { existsSync } from "node:fs";
import type { Exemplar } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { offlineModelId, type PairOutcome, type SetReport, setReport } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { readChecks } from "../report/read-checks.ts";
import { type RunItem, readIfThere, readRun } from "../report/read-run.ts";
import { writeHtmlReport } from "../report/write-html-report.ts";
import { setReportFile } from "../run/folder.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { version } from "../version.ts";
import type { Stage } from "./stage.ts";

/** Everything made so far to `report.html`, and its figures to `set-report.json`. */
export function reportStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, language, seed } = config;
  return {
    name: "report",
    inputs: { layout: 3, counts, language: language ?? null, seed },
    outputs: ["report.html", setReportFile],
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

/** Puts a run's pairs into figures and writes them to `set-report.json`. A pair counts as accepted when it is a training example. */
async function writeSetReport(
  path: (name: string) => string,
  { seed, signal }: { seed: number; signal?: AbortSignal },
): Promise<SetReport> {
  const report = await setReport({
    outcomes: outcomesOf(path, signal),
    exemplars: readIfThere<Exemplar>(path("exemplars.jsonl"), signal),
    seed,
    corpusSize: await corpusSize(path("corpus.sqlite")),
    signal,
  });
  await writeAtomic(path(setReportFile), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function* outcomesOf(path: (name: string) => string, signal?: AbortSignal): AsyncGenerator<PairOutcome> {
  for await (const item of readRun(path, signal)) yield outcomeOf(item);
}

function outcomeOf(item: RunItem): PairOutcome {
  const { id, paradigm, verdict, evidence, reason = "unknown", detail = "" } = item;
  if (verdict === "accepted") {
    const { question = "", answer = "", options, exemplarId = "", model = "", sources } = item;
    const pair = { id, paradigm, exemplarId, question, answer, documents: sources, model };
    return { status: "accepted", id, value: { ...pair, options, evidence } };
  }
  const input = { paradigm, evidence };
  if (verdict === "failed") return { status: "failed", id, input, error: new Error(detail) };
  return { status: "rejected", id, input, reason, detail };
}

async function corpusSize(store: string): Promise<number | undefined> {
  if (!existsSync(store)) return undefined;
  await using passages = await openPassageStore(store, { readOnly: true });
  return passages.size;
}
