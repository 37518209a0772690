import { amount, dollarsText, mapOrdered, type OnProgress, RagInstructError, type Source } from "@rag-instruct/core";
import type { AskRequest, Calls, ModelObject } from "@rag-instruct/core/calls";
import { allParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import type { ForbiddenTexts } from "../decontaminate/decontaminate.ts";
import { type DuplicateRules, type KnownPairs, knownFrom } from "../duplicates/drop-duplicates.ts";
import { type SynthesisTask, TaskQueue } from "../plan/task-queue.ts";
import { askerFor, type VerifyLevel } from "../verify/verify.ts";
import { SynthesisAccount, type SynthesisSummary } from "./account.ts";
import { type StopRule, Trial } from "./early-stop.ts";
import type { ReplacedPair } from "./replaced.ts";
import { mostlyMet } from "./run-lines.ts";
import { rejectFound, type SynthesisOutcome, type WrittenPair, writePair } from "./write-pair.ts";

// Tasks under way beyond which they are gathered for batches.
const maxAhead = 1_000;

/** Options of {@link synthesize}. */
export interface SynthesizeOptions {
  /** In the order of the plan: all wanted tasks, then the reserves. */
  tasks: Source<SynthesisTask>;
  /** A model object of the AI SDK. */
  model: ModelObject;
  calls: Calls;
  /** Accepted pairs wanted by paradigm. @default one for each task that is not a reserve */
  counts?: Readonly<Record<string, number>>;
  /** The paradigms there are. @default the method's five and the further ones */
  paradigms?: Readonly<Record<string, Paradigm>>;
  /** Language of the pairs, such as "German". @default that of the documents */
  language?: string;
  /** Temperature and the like. @default {} */
  settings?: NonNullable<AskRequest["settings"]>;
  /** How far each pair is verified, and by which model. @default { level: "lexical" }, and the model that writes the pairs */
  verify?: { level: VerifyLevel; model?: ModelObject };
  /** Reject pairs that are like one accepted before, or like one of those known already, and draw reserves for them. @default none are looked for */
  duplicates?: DuplicateRules | KnownPairs;
  /** Reject these pairs, by their ids, since no example could be made of them, and draw reserves for them. @default none */
  replaced?: ReadonlyMap<string, Pick<ReplacedPair, "reason" | "detail">>;
  /** Reject pairs that hold one of these texts, and draw reserves for them. @default none */
  forbidden?: ForbiddenTexts;
  /**
   * Gives a hopeless model up: where of the first `outcomes` a smaller share than `accepted` was accepted, such as
   * `{ outcomes: 30, accepted: 0.05 }`. Until that is known, no more tasks are begun. @default never
   */
  stopWhen?: StopRule;
  /**
   * Ask again for every rejected task that an earlier run over the ledger asked, whatever it was rejected for but for being like another
   * pair; without it, for those alone whose replies could not be used. Calls opened with `askAgain: "all"` allow it. @default false
   */
  retryRejected?: boolean;
  /** Milliseconds for one task with all its calls, retries and waits, from its first attempt on. @default 900000 */
  deadline?: number;
  /** Most tasks under way. @default what the calls have room for: four times their concurrency, or ten thousand for batches */
  concurrency?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Outcomes in the order of the plan, and what they come to. */
export type Synthesis = AsyncGenerator<SynthesisOutcome> & {
  /** Complete once the outcomes have been read to their end. */
  summary(): SynthesisSummary;
};

/**
 * Writes a pair for every task, checks it, and draws reserve tasks for those that were not accepted until the counts are met
 * or the reserves are used up. Outcomes come in the order of the plan, each attempted task exactly once; reserves that are
 * never drawn have no outcome, and none is drawn once the budget is used up. Which reserves are drawn depends on the outcomes alone, never on timing.
 * Throws `reply-unusable` after the outcomes by which `stopWhen` gives a model up.
 */
export function synthesize(options: SynthesizeOptions): Synthesis {
  const sum = new SynthesisAccount(options.counts);
  return Object.assign(run(options, sum), { summary: () => sum.summary() });
}

async function* run(options: SynthesizeOptions, sum: SynthesisAccount): AsyncGenerator<SynthesisOutcome> {
  const {
    model,
    calls,
    paradigms = allParadigms,
    language,
    settings = {},
    concurrency = calls.roomFor,
    deadline = 900_000,
    retryRejected = false,
    signal,
    onProgress,
  } = options;
  const { level, model: judge = model } = options.verify ?? { level: "lexical" };
  const asker = askerFor(level, { model: judge, calls });
  const known = options.duplicates && knownFrom(options.duplicates);
  const plan = new TaskQueue(options.tasks);
  const { missing } = sum;
  const counting = options.counts === undefined;
  const total = options.counts && Object.values(options.counts).reduce((all, one) => all + one, 0);
  const trial = options.stopWhen && new Trial(options.stopWhen);
  const note = progressNote(calls, sum);
  let kept = 0;

  async function* attempt(tasks: Source<SynthesisTask>): AsyncGenerator<SynthesisOutcome> {
    const outcomes = mapOrdered(
      tasks,
      async (task, { signal }) => {
        const watched = watchAsked(calls);
        const written = await writePair(task, {
          model,
          calls: watched.calls,
          paradigm: paradigmById(task.paradigm, paradigms),
          settings,
          language,
          verification: { level, asker: asker && { ...asker, calls: watched.calls } },
          forbidden: options.forbidden,
          retryRejected,
          deadline: { milliseconds: deadline },
          signal,
        });
        return { ...written, isKept: !watched.isAsked() };
      },
      { concurrency, signal },
    );
    for await (const written of outcomes) {
      const replaced = leaveOutReplaced(written, options.replaced);
      const outcome = replaced ?? (known ? leaveOutDuplicate(written, known) : written.outcome);
      sum.add(outcome);
      trial?.add(outcome);
      if (written.isKept && outcome.status === "accepted") kept++;
      onProgress?.({ stage: "synthesize", done: sum.accepted, kept, total, unit: "accepted", note: note() });
      yield outcome;
      if (trial?.isHopeless) return;
    }
  }
  async function* wanted(): AsyncGenerator<SynthesisTask> {
    for await (const task of plan.wanted()) {
      if (counting) sum.want(task.paradigm);
      // A batch is filled rather than waited for.
      if (concurrency <= maxAhead) await trial?.begin();
      yield task;
    }
  }

  try {
    onProgress?.({ stage: "synthesize", done: 0, total, unit: "accepted" });
    yield* attempt(wanted());
    // Reserves drawn later may stand earlier in the plan: outcomes wait until none can come before them.
    let held: { place: number; outcome: SynthesisOutcome }[] = [];
    while (!sum.isBudgetUsedUp && !trial?.isHopeless) {
      const wave = await plan.draw(missing);
      if (wave.length === 0) break;
      const places = wave.values();
      for await (const outcome of attempt(wave.map(({ task }) => task))) {
        held.push({ place: places.next().value!.place, outcome });
      }
      held.sort((a, b) => a.place - b.place);
      const frontier = plan.earliestReserve(missing);
      yield* held.filter(({ place }) => place < frontier).map(({ outcome }) => outcome);
      held = held.filter(({ place }) => place >= frontier);
    }
    yield* held.map(({ outcome }) => outcome);
    if (trial?.isHopeless) throw hopeless(sum.summary(), options.stopWhen!);
    sum.setUnused(await plan.countUnused());
  } finally {
    await plan.close();
  }
}

/** A pair that is to be replaced stands in the way of none that is like it. */
function leaveOutReplaced(
  { outcome, task, raw }: WrittenPair,
  replaced: SynthesizeOptions["replaced"],
): SynthesisOutcome | undefined {
  const why = outcome.status === "accepted" ? replaced?.get(outcome.value.id) : undefined;
  if (!why) return undefined;
  return rejectFound(task, { reason: "unassembled", detail: `${why.reason}: ${why.detail}`, evidence: {} }, raw);
}

/** The same calls, and whether any of them was not answered by the ledger. */
function watchAsked(calls: Calls): { calls: Calls; isAsked(): boolean } {
  let isAsked = false;
  const onAsked = () => {
    isAsked = true;
  };
  return { calls: { ...calls, ask: (request) => calls.ask({ ...request, onAsked }) }, isAsked: () => isAsked };
}

/** Pairs are compared in the order of the outcomes, so that concurrency changes nothing. */
function leaveOutDuplicate({ outcome, task, raw }: WrittenPair, known: KnownPairs): SynthesisOutcome {
  const like = outcome.status === "accepted" ? known.take(outcome.value) : undefined;
  if (!like) return outcome;
  const { reason, detail, input } = like;
  return rejectFound(task, { reason, detail, evidence: input.evidence ?? {} }, raw);
}

/** What is said beside the count of accepted pairs: what was refused and why, and what the calls take. */
function progressNote(calls: Calls, sum: SynthesisAccount): () => string {
  const before = calls.summary();
  const start = performance.now();
  return () => {
    const now = calls.summary();
    const made = now.made - before.made;
    const seconds = (performance.now() - start) / 1000;
    const usd = now.usd - before.usd;
    const tokens = now.inputTokens + now.outputTokens - before.inputTokens - before.outputTokens;
    const { rejected, failed, mostMet } = sum;
    const parts = [
      rejected > 0 && `${rejected} rejected`,
      failed > 0 && `${failed} failed`,
      mostMet && `mostly ${mostMet}`,
      made > 0 && seconds > 0 && `${(made / seconds).toFixed(1)} calls/s`,
      usd > 0 && dollarsText(usd),
      tokens > 0 && amount(tokens, "token"),
      now.refused > before.refused && `${now.refused - before.refused} refused for now`,
      now.reused > before.reused && `${now.reused - before.reused} from the ledger`,
    ];
    return parts.filter(Boolean).join(", ");
  };
}

function hopeless(summary: SynthesisSummary, { outcomes, accepted }: StopRule): RagInstructError {
  const least = `${Math.round(accepted * 1000) / 10}%`;
  return new RagInstructError(
    "reply-unusable",
    `stopped: ${summary.accepted} of the first ${outcomes} pairs were accepted, fewer than ${least}; ${mostlyMet(summary)}; mend that, or go on all the same with --keep-going (stopWhen)`,
  );
}
