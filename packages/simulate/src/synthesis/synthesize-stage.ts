import { rm } from "node:fs/promises";
import { type OnProgress, type Pair, RagInstructError, type Tally } from "@rag-instruct/core";
import {
  openOutcomeFiles,
  type PaidCalls,
  type Refused,
  type Retries,
  readJsonl,
  type Stage,
} from "@rag-instruct/core/node";
import { decontaminationFile, type ForbiddenFiles } from "../decontaminate/decontaminate.ts";
import type { AskingContext } from "../plan/plan-stages.ts";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { mayGoBetter } from "./account.ts";
import { isUnpaid } from "./early-stop.ts";
import { pairStakes } from "./pair-stakes.ts";
import { readReplaced } from "./replaced.ts";
import { type SynthesizeOptions, synthesize } from "./synthesize.ts";

/** Options of {@link synthesizeStage}. */
export interface SynthesizeStageOptions
  extends Pick<
    SynthesizeOptions,
    "counts" | "paradigms" | "language" | "verify" | "duplicates" | "deadline" | "stopWhen"
  > {
  /** The model, its settings and what else decides the pairs, as the stage's inputs. */
  inputs: Stage["inputs"];
  /** Who is asked, and how many calls at the same time. */
  caller: Pick<PaidCalls, "model" | "verify" | "concurrency">;
  /** Opens the texts that must not be in the pairs. @default there are none */
  openForbidden?: (context: { signal?: AbortSignal; onProgress?: OnProgress }) => Promise<ForbiddenFiles | undefined>;
  /** Later runs in which what came out unusable is asked again. */
  askAgain: number;
}

/**
 * The stage of a run that writes the plan's pairs to `pairs.jsonl` and `rejected.jsonl`; every reply that was paid for stays in
 * `ledger.jsonl`. What is like another pair or is in a benchmark is rejected and draws a reserve; where benchmarks are named,
 * `decontamination.json` says what was. What there is when something stops all calls, or a model is given up, is kept too, unless that would
 * replace what a finished synthesis left.
 */
export function synthesizeStage<Context extends AskingContext & { retries: Retries }>(
  options: SynthesizeStageOptions,
): Stage<Context> {
  const { inputs, caller, openForbidden } = options;
  return {
    name: "synthesize",
    inputs,
    keeps: ["counts", "budget", "verify", "duplicates", "replaced", "benchmarks"],
    caller,
    outputs: ["pairs.jsonl", "rejected.jsonl"].concat(openForbidden ? decontaminationFile : []),
    stakes: pairStakes("synthesize", options.counts),
    async run(context) {
      const { folder, model, signal, onProgress } = context;
      const calls = await context.calls.open();
      const forbidden = await openForbidden?.(context);
      const synthesis = synthesize({
        ...options,
        tasks: readJsonl<SynthesisTask>(folder.path("plan.jsonl")),
        model,
        calls,
        replaced: await readReplaced(folder.path(".")),
        forbidden: forbidden?.texts,
        retryRejected: context.retries === "all",
        onProgress,
        signal,
      });
      await using files = await openOutcomeFiles<Pair>({
        accepted: folder.path("pairs.jsonl"),
        refused: folder.path("rejected.jsonl"),
      });
      let open = 0;
      let unrecorded = 0;
      let stopped: unknown;
      let noRoom: Error | undefined;
      try {
        for await (const outcome of forbidden ? forbidden.watching(synthesis) : synthesis) {
          if (isUnpaid(outcome)) {
            noRoom = outcome.error;
            continue;
          }
          if (mayGoBetter(outcome, options)) open++;
          if (outcome.status === "accepted" && outcome.value.model !== model.modelId) unrecorded++;
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
      if (unrecorded > 0) tally.unrecorded = unrecorded;
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
