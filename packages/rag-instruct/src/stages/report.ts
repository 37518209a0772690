import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Exemplar } from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { parseReply, renderPrompt } from "@rag-instruct/paradigms";
import { offlineModelId, type PairOutcome, setReport } from "@rag-instruct/simulate";
import { type PromptRequest, type RunItem, readRun, writeReport } from "@rag-instruct/viewer";
import type { ResolvedConfig } from "../config/schema.ts";
import { setReportFile } from "../run/folder.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { version } from "../version.ts";
import type { Stage } from "./stage.ts";

/** Everything made so far to `report.html`, and its figures to `set-report.json`. */
export function reportStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, language, seed } = config;
  return {
    name: "report",
    inputs: { layout: 4, counts, language: language ?? null, seed },
    outputs: ["report.html", setReportFile],
    async run({ folder, signal }) {
      const model = nameModel(config.model);
      const run = folder.path(".");
      await writeSetReport(run, { seed, signal });
      const { verdicts } = await writeReport({
        run,
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

/** Puts a run's pairs into figures and writes them to `set-report.json`. A pair counts as accepted when it is a training example. */
async function writeSetReport(run: string, { seed, signal }: { seed: number; signal?: AbortSignal }): Promise<void> {
  const report = await setReport({
    outcomes: outcomesOf(run, signal),
    exemplars: readJsonl<Exemplar>(join(run, "exemplars.jsonl"), { signal, mayBeMissing: true }),
    seed,
    corpusSize: await corpusSize(join(run, "corpus.sqlite")),
    signal,
  });
  await writeAtomic(join(run, setReportFile), `${JSON.stringify(report, null, 2)}\n`);
}

async function* outcomesOf(run: string, signal?: AbortSignal): AsyncGenerator<PairOutcome> {
  for await (const item of readRun(run, { signal })) yield outcomeOf(item);
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
