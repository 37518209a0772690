import { rm } from "node:fs/promises";
import { counted, RagInstructError, type Tally } from "@rag-instruct/core";
import { openAtomic, readJsonl } from "@rag-instruct/core/node";
import { type SynthesisOutcome, type SynthesisTask, synthesize } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { fingerprintBenchmarks, openForbiddenFiles } from "../run/benchmarks.ts";
import { decontaminationFile } from "../run/folder.ts";
import { describeModel, nameModel } from "../run/models.ts";
import type { Stage, StageContext } from "./stage.ts";

/**
 * The plan to `pairs.jsonl` and `rejected.jsonl`; every reply that was paid for stays in `ledger.jsonl`. What is like another pair
 * or is in a benchmark is rejected and draws a reserve; where benchmarks are named, `decontamination.json` says what was.
 */
export function synthesizeStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, language, verify, duplicates, benchmarks, seed } = config;
  const hasBenchmarks = Object.keys(benchmarks).length > 0;
  return {
    name: "synthesize",
    inputs: async () => ({
      model: describeModel(nameModel(config.model)),
      counts,
      language: language ?? null,
      budget: config.budget ?? null,
      verify,
      duplicates,
      benchmarks: await fingerprintBenchmarks(benchmarks),
    }),
    caller: { model: describeModel(nameModel(config.model)), verify: config.verify, concurrency: config.concurrency },
    outputs: ["pairs.jsonl", "rejected.jsonl"].concat(hasBenchmarks ? decontaminationFile : []),
    async run(context) {
      const { folder, model, signal, onProgress } = context;
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const calls = await context.calls.open();
      const files = hasBenchmarks ? await openForbiddenFiles(benchmarks, context) : undefined;
      const stream = counted(
        synthesize({
          tasks: readJsonl<SynthesisTask>(folder.path("plan.jsonl")),
          model,
          calls,
          counts,
          paradigms,
          verify: { level: verify },
          duplicates: duplicates === false ? undefined : { threshold: duplicates, seed },
          forbidden: files ? files.texts : undefined,
          onProgress: (progress) => onProgress({ ...progress, total }),
          language,
          signal,
        }),
      );
      await writeOutcomes(files ? files.watch(stream.outcomes) : stream.outcomes, context, stream.tally);
      await (files
        ? files.writeReport(folder.path(decontaminationFile))
        : rm(folder.path(decontaminationFile), { force: true }));
      const { requested, accepted, rejected, failed } = stream.tally();
      return { counts: { requested, accepted, rejected, failed } };
    },
  };
}

async function writeOutcomes(
  outcomes: AsyncIterable<SynthesisOutcome>,
  { folder }: StageContext,
  tally: () => Tally,
): Promise<void> {
  const pairs = await openAtomic(folder.path("pairs.jsonl"));
  const rejected = await openAtomic(folder.path("rejected.jsonl"));
  try {
    let lastFailure: SynthesisOutcome | undefined;
    for await (const outcome of outcomes) {
      if (outcome.status === "accepted") await pairs.write(`${JSON.stringify(outcome.value)}\n`);
      else await rejected.write(`${JSON.stringify(plain(outcome))}\n`);
      if (outcome.status !== "accepted") lastFailure = outcome;
    }
    if (tally().accepted === 0) throw nothingAccepted(tally(), lastFailure);
    await pairs.commit();
    await rejected.commit();
  } finally {
    await pairs.discard();
    await rejected.discard();
  }
}

function plain(outcome: Exclude<SynthesisOutcome, { status: "accepted" }>): unknown {
  return outcome.status === "failed" ? { ...outcome, error: outcome.error.message } : outcome;
}

function nothingAccepted({ requested, reasons }: Tally, last: SynthesisOutcome | undefined): RagInstructError {
  const common = Object.entries(reasons).sort(([, a], [, b]) => b - a)[0];
  const example =
    last?.status === "rejected" ? last.detail : last?.status === "failed" ? last.error.message : "no task was planned";
  return new RagInstructError(
    "reply-unusable",
    `none of ${requested} pairs was accepted${common ? `, ${common[1]} of them for ${common[0]}` : ""} (the last: ${example}); try another model, or a model that follows a JSON schema`,
  );
}
