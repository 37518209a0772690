import { rm } from "node:fs/promises";
import {
  type Exemplar,
  type OnProgress,
  type Pair,
  RagInstructError,
  type Retriever,
  type Tally,
} from "@rag-instruct/core";
import {
  type OutcomeFiles,
  openOutcomeFiles,
  type PaidCalls,
  type Retries,
  readJsonl,
  type Stage,
  type StageWork,
} from "@rag-instruct/core/node";
import { allParadigms } from "@rag-instruct/paradigms";
import { decontaminationFile, type ForbiddenFiles } from "../decontaminate/decontaminate.ts";
import { type DuplicateRules, knownPairs } from "../duplicates/drop-duplicates.ts";
import type { AskingContext } from "../plan/plan-stages.ts";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { type ContinueOptions, continuePairs, requireOpenExemplar } from "../turns/continue-pairs.ts";
import { TurnAccount } from "../turns/turn-account.ts";
import { isUnproved } from "../verify/verify.ts";
import { mayGoBetter } from "./account.ts";
import { isUnpaid } from "./early-stop.ts";
import { pairStakes } from "./pair-stakes.ts";
import { reasonWords } from "./reasons.ts";
import { readReplaced } from "./replaced.ts";
import { type Synthesis, type SynthesizeOptions, synthesize } from "./synthesize.ts";
import type { SynthesisOutcome } from "./write-pair.ts";

/** Options of {@link synthesizeStage}. */
export interface SynthesizeStageOptions<Context = never>
  extends Pick<SynthesizeOptions, "counts" | "paradigms" | "language" | "verify" | "deadline" | "stopWhen"> {
  /** What makes two pairs duplicates. @default none are looked for */
  duplicates?: DuplicateRules;
  /** The model, its settings and what else decides the pairs, as the stage's inputs. */
  inputs: Stage["inputs"];
  /** Who is asked, and how many calls at the same time. */
  caller: Pick<PaidCalls, "model" | "verify" | "concurrency">;
  /** Opens the texts that must not be in the pairs. @default there are none */
  openForbidden?: (context: { signal?: AbortSignal; onProgress?: OnProgress }) => Promise<ForbiddenFiles | undefined>;
  /** Later runs in which what came out unusable is asked again. */
  askAgain: number;
  /** Grows pairs into conversations of more than one turn, with what finds the documents of later ones. @default each pair stands alone */
  conversations?: Pick<ContinueOptions, "turns" | "seed"> & {
    openRetriever(context: Context): Promise<Retriever & AsyncDisposable>;
  };
}

/**
 * The stage of a run that writes the plan's pairs to `pairs.jsonl` and `rejected.jsonl`; every reply that was paid for stays in
 * `ledger.jsonl`. What is like another pair or is in a benchmark is rejected and draws a reserve; where benchmarks are named,
 * `decontamination.json` says what was. Later turns stand behind all first ones, and none of them draws a reserve. What there is when
 * something stops all calls, or a model is given up, is kept too, unless that would replace what a finished synthesis left.
 */
export function synthesizeStage<Context extends WritingContext>(
  options: SynthesizeStageOptions<Context>,
): Stage<Context> {
  const { inputs, openForbidden, counts } = options;
  const conversations = (options.conversations?.turns ?? 1) > 1 ? options.conversations : undefined;
  return {
    name: "synthesize",
    inputs,
    keeps: ["counts", "budget", "verify", "duplicates", "replaced", "benchmarks", "turns", "stopWhen"],
    caller: { ...options.caller, turns: conversations?.turns },
    outputs: ["pairs.jsonl", "rejected.jsonl"].concat(openForbidden ? decontaminationFile : []),
    stakes: pairStakes("synthesize", { counts, turns: conversations?.turns }),
    async run(context) {
      const { folder, model, signal } = context;
      const forbidden = await openForbidden?.(context);
      await using files = await openOutcomeFiles<Pair>({
        accepted: folder.path("pairs.jsonl"),
        refused: folder.path("rejected.jsonl"),
      });
      const written = new Written(options, { files, forbidden, model: model.modelId });
      let stopped: unknown;
      try {
        await writePairs({ ...options, conversations }, { context, written });
      } catch (error) {
        signal?.throwIfAborted();
        stopped = error;
        // A model that was given up has ended its run: what it could not say is asked for again once it is mended.
        if (RagInstructError.is(error, "reply-unusable")) await context.calls.endRun();
      }
      const { requested, accepted, reasons } = files.tally();
      if (accepted === 0 && !stopped) {
        await context.calls.endRun();
        stopped = written.noRoom ?? nothingAccepted({ requested, reasons }, files);
      }
      if (stopped && (requested === 0 || folder.last("synthesize")?.key)) throw stopped;
      await context.replacing();
      await files.commit();
      if (accepted === 0) await rm(folder.path("pairs.jsonl"));
      await (forbidden
        ? forbidden.writeReport(folder.path(decontaminationFile))
        : rm(folder.path(decontaminationFile), { force: true }));
      return { ...written.work(), files: accepted === 0 ? ["rejected.jsonl"] : undefined, stopped };
    },
  };
}

type WritingContext = AskingContext & { retries: Retries };

/** First turns by the plan, and where conversations are wanted those that go on from them; none where the budget had no room for all first ones. */
async function writePairs<Context extends WritingContext>(
  options: SynthesizeStageOptions<Context>,
  { context, written }: { context: Context; written: Written },
): Promise<void> {
  const { counts, paradigms, language, verify, duplicates, deadline, stopWhen, conversations } = options;
  const { folder, model, retries, signal, onProgress } = context;
  const exemplars = () => readJsonl<Exemplar>(folder.path("exemplars.jsonl"));
  // Before anything is paid for.
  if (conversations) await requireOpenExemplar(exemplars());
  const asking = {
    model,
    calls: await context.calls.open(),
    paradigms,
    language,
    verify,
    duplicates: duplicates && knownPairs(duplicates),
    forbidden: written.forbidden?.texts,
    stopWhen,
    retryRejected: retries === "all",
    deadline,
    onProgress,
    signal,
  };
  const tasks = readJsonl<SynthesisTask>(folder.path("plan.jsonl"));
  await written.takeFirst(synthesize({ ...asking, tasks, counts, replaced: await readReplaced(folder.path(".")) }));
  if (!conversations || written.noRoom) return;
  await using retriever = await conversations.openRetriever(context);
  const { turns, seed } = conversations;
  const growing = { turns, seed, retriever, exemplars: exemplars(), follow: followed({ counts, paradigms }) };
  await written.takeLater(continuePairs({ ...asking, ...growing, pairs: written.files.accepted() }));
}

/** Paradigms of the pairs that are wanted whose documents help, by their ids; undefined where there are none. */
function followed({
  counts = {},
  paradigms = allParadigms,
}: Pick<SynthesizeStageOptions, "counts" | "paradigms">): string[] | undefined {
  const wanted = Object.keys(counts).filter((id) => counts[id]! > 0);
  const helping = wanted.filter((id) => /^(?:required|helpful)$/.test(paradigms[id]?.relation.documentsAre ?? ""));
  return helping.length > 0 ? helping : undefined;
}

/** Writes the outcomes of a synthesis, and says what they come to. */
class Written {
  readonly files: OutcomeFiles<Pair>;
  readonly forbidden: ForbiddenFiles | undefined;
  /** What the budget said of the last task that it had no room for. */
  noRoom: Error | undefined;
  readonly #askAgain: number;
  readonly #model: string;
  #first: Synthesis | undefined;
  #turns: TurnAccount | undefined;
  /** Tasks that a later run would try once more: for first turns reserves were drawn, for later ones not. */
  readonly #open = { first: 0, later: 0 };
  readonly #sums = { unproved: 0, unpaid: 0, unrecorded: 0 };

  constructor(
    { askAgain }: { askAgain: number },
    { files, forbidden, model }: Pick<Written, "files" | "forbidden"> & { model: string },
  ) {
    this.files = files;
    this.forbidden = forbidden;
    this.#askAgain = askAgain;
    this.#model = model;
  }

  takeFirst(outcomes: Synthesis): Promise<void> {
    this.#first = outcomes;
    return this.#take(outcomes, "first");
  }

  takeLater(outcomes: AsyncIterable<SynthesisOutcome>): Promise<void> {
    this.#turns = new TurnAccount();
    return this.#take(this.#turns.watching(outcomes), "later");
  }

  async #take(outcomes: AsyncIterable<SynthesisOutcome>, turns: "first" | "later"): Promise<void> {
    for await (const outcome of this.forbidden ? this.forbidden.watching(outcomes) : outcomes) {
      if (isUnpaid(outcome)) {
        this.#sums.unpaid++;
        this.noRoom = outcome.error;
        continue;
      }
      if (mayGoBetter(outcome, { askAgain: this.#askAgain })) this.#open[turns]++;
      if (outcome.status === "accepted") {
        if (isUnproved(outcome.value)) this.#sums.unproved++;
        // Of those that nothing was recorded for.
        if (outcome.value.model !== this.#model) this.#sums.unrecorded++;
      }
      await this.files.add(outcome);
    }
  }

  work(): Pick<StageWork, "counts" | "note" | "paradigms" | "open"> {
    const { requested, accepted, rejected, failed } = this.files.tally();
    const { unproved, unpaid, unrecorded } = this.#sums;
    const paradigms = this.#first?.summary().paradigms ?? {};
    const isShort = Object.values(paradigms).some(({ short }) => short > 0);
    const { first, later } = this.#open;
    const counts: Record<string, number> = { requested, accepted, rejected, failed, unproved };
    if (unpaid > 0) counts.unpaid = unpaid;
    if (unrecorded > 0) counts.unrecorded = unrecorded;
    return {
      counts: { ...counts, ...this.#turns?.counts() },
      note: this.#turns?.note(),
      paradigms,
      open: (isShort ? first : 0) + later,
    };
  }
}

function nothingAccepted(
  { requested, reasons }: Pick<Tally, "requested" | "reasons">,
  files: Pick<OutcomeFiles<Pair>, "last">,
): RagInstructError {
  const common = Object.entries(reasons).sort(([, a], [, b]) => b - a)[0];
  const last = files.last(common?.[0]);
  const why = last?.status === "failed" ? last.error.message : last?.detail;
  const example = why ?? "no task was planned";
  const advice = common ? reasonWords(common[0]).advice : "look at the log of the model's server";
  return new RagInstructError(
    "reply-unusable",
    `none of ${requested} pairs was accepted${common ? `, ${common[1]} of them for ${common[0]}` : ""} (the last: ${example}); try: ${advice}`,
  );
}
