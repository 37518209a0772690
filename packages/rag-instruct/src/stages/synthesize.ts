import { rm } from "node:fs/promises";
import { type Pair, RagInstructError, type Tally } from "@rag-instruct/core";
import { openOutcomeFiles, type Refused, readJsonl } from "@rag-instruct/core/node";
import { isUnpaid, mayGoBetter, pairStakes, type SynthesisTask, synthesize } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { fingerprintBenchmarks, openForbiddenFiles } from "../run/benchmarks.ts";
import { decontaminationFile } from "../run/folder.ts";
import { openSettings } from "../run/model-settings.ts";
import { describeModel, nameModel } from "../run/models.ts";
import type { PipelineStage } from "./stage.ts";

/**
 * The plan to `pairs.jsonl` and `rejected.jsonl`; every reply that was paid for stays in `ledger.jsonl`. What is like another pair
 * or is in a benchmark is rejected and draws a reserve; where benchmarks are named, `decontamination.json` says what was. What there is
 * when something stops all calls, or a model is given up, is kept too, unless that would replace what a finished synthesis left.
 */
export function synthesizeStage(config: ResolvedConfig): PipelineStage {
  const { counts, paradigms, language, verify, duplicates, benchmarks, seed } = config;
  const hasBenchmarks = Object.keys(benchmarks).length > 0;
  return {
    name: "synthesize",
    inputs: async (recall) => ({
      model: describeModel(nameModel(config.model)),
      settings: openSettings(config.settings),
      counts,
      language: language ?? null,
      budget: config.budget ?? null,
      verify,
      duplicates,
      benchmarks: await recall("benchmarks", () => fingerprintBenchmarks(benchmarks)),
    }),
    keeps: ["counts", "budget", "verify", "duplicates", "benchmarks"],
    caller: { model: describeModel(nameModel(config.model)), verify: config.verify, concurrency: config.concurrency },
    outputs: ["pairs.jsonl", "rejected.jsonl"].concat(hasBenchmarks ? decontaminationFile : []),
    stakes: pairStakes("synthesize", counts),
    async run(context) {
      const { folder, model, signal, onProgress } = context;
      const calls = await context.calls.open();
      const forbidden = hasBenchmarks ? await openForbiddenFiles(benchmarks, context) : undefined;
      const synthesis = synthesize({
        tasks: readJsonl<SynthesisTask>(folder.path("plan.jsonl")),
        model,
        calls,
        counts,
        paradigms,
        verify: { level: verify },
        duplicates: duplicates === false ? undefined : { threshold: duplicates, seed },
        forbidden: forbidden?.texts,
        retryRejected: context.retries === "all",
        deadline: config.deadline * 1000,
        stopWhen: config.stopWhen || undefined,
        onProgress,
        language,
        signal,
      });
      await using files = await openOutcomeFiles<Pair>({
        accepted: folder.path("pairs.jsonl"),
        refused: folder.path("rejected.jsonl"),
      });
      let open = 0;
      let stopped: unknown;
      let noRoom: Error | undefined;
      try {
        for await (const outcome of forbidden ? forbidden.watching(synthesis) : synthesis) {
          if (isUnpaid(outcome)) {
            noRoom = outcome.error;
            continue;
          }
          if (mayGoBetter(outcome, config)) open++;
          await files.add(outcome);
        }
      } catch (error) {
        signal?.throwIfAborted();
        stopped = error;
        // A model that was given up has ended its run: what it could not say is asked for again once it is mended.
        if (RagInstructError.is(error, "reply-unusable")) await context.calls.endRun();
      }
      const { requested, accepted, rejected, failed, reasons } = files.tally();
      if (accepted === 0 && !stopped) {
        await context.calls.endRun();
        stopped = noRoom ?? nothingAccepted({ requested, reasons }, files.lastRefused);
      }
      if (stopped && (requested === 0 || folder.last("synthesize")?.key)) throw stopped;
      await context.replacing();
      await files.commit();
      if (accepted === 0) await rm(folder.path("pairs.jsonl"));
      await (forbidden
        ? forbidden.writeReport(folder.path(decontaminationFile))
        : rm(folder.path(decontaminationFile), { force: true }));
      const { paradigms: made, unproved, unpaid } = synthesis.summary();
      const isShort = Object.values(made).some(({ short }) => short > 0);
      const tally: Record<string, number> = { requested, accepted, rejected, failed, unproved };
      if (unpaid > 0) tally.unpaid = unpaid;
      const left = accepted === 0 ? ["rejected.jsonl"] : undefined;
      return { counts: tally, paradigms: made, open: isShort ? open : 0, files: left, stopped };
    },
  };
}

function nothingAccepted(
  { requested, reasons }: Pick<Tally, "requested" | "reasons">,
  last: Refused | undefined,
): RagInstructError {
  const common = Object.entries(reasons).sort(([, a], [, b]) => b - a)[0];
  const why = last?.status === "failed" ? last.error.message : last?.detail;
  const example = why ?? "no task was planned";
  return new RagInstructError(
    "reply-unusable",
    `none of ${requested} pairs was accepted${common ? `, ${common[1]} of them for ${common[0]}` : ""} (the last: ${example}); try another model, or a model that follows a JSON schema`,
  );
}
