import { mapOrdered, type OnProgress, RagInstructError, type Source, type Tally } from "@rag-instruct/core";
import type { AskRequest, Calls, ModelObject } from "@rag-instruct/core/calls";
import { paradigms as builtinParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import type { ForbiddenTexts } from "./decontaminate/forbidden-texts.ts";
import { type DuplicateRules, type KnownPairs, knownPairs } from "./duplicates/drop-duplicates.ts";
import { type SynthesisTask, TaskQueue } from "./plan/task-queue.ts";
import { askerFor, type VerifyLevel } from "./verify/verify.ts";
import { rejectFound, type SynthesisOutcome, type WrittenPair, writePair } from "./write-pair.ts";

/** Options of {@link synthesize}. */
export interface SynthesizeOptions {
  /** In the order of the plan: all wanted tasks, then the reserves. */
  tasks: Source<SynthesisTask>;
  /** A model object of the AI SDK. */
  model: ModelObject;
  calls: Calls;
  /** Accepted pairs wanted by paradigm. @default one for each task that is not a reserve */
  counts?: Readonly<Record<string, number>>;
  /** The paradigms there are. @default the five of the method */
  paradigms?: Readonly<Record<string, Paradigm>>;
  /** Language of the pairs, such as "German". @default that of the documents */
  language?: string;
  /** Temperature and the like. @default {} */
  settings?: NonNullable<AskRequest["settings"]>;
  /** How far each pair is verified, and by which model. @default { level: "lexical" }, and the model that writes the pairs */
  verify?: { level: VerifyLevel; model?: ModelObject };
  /** Reject pairs that are like one accepted before, and draw reserves for them. @default none are looked for */
  duplicates?: DuplicateRules;
  /** Reject pairs that hold one of these texts, and draw reserves for them. @default none */
  forbidden?: ForbiddenTexts;
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
 */
export function synthesize(options: SynthesizeOptions): Synthesis {
  const sum = summarize(options.counts);
  return Object.assign(run(options, sum), { summary: () => sum.summary() });
}

async function* run(options: SynthesizeOptions, sum: SummaryKeeper): AsyncGenerator<SynthesisOutcome> {
  const {
    model,
    calls,
    paradigms = builtinParadigms,
    language,
    settings = {},
    concurrency = calls.roomFor,
    deadline = 900_000,
    signal,
    onProgress,
  } = options;
  const { level, model: judge = model } = options.verify ?? { level: "lexical" };
  const verification = { level, asker: askerFor(level, { model: judge, calls }) };
  const known = options.duplicates && knownPairs(options.duplicates);
  const plan = new TaskQueue(options.tasks);
  const { missing } = sum;
  const counting = options.counts === undefined;
  let done = 0;

  async function* attempt(tasks: Source<SynthesisTask>): AsyncGenerator<SynthesisOutcome> {
    const outcomes = mapOrdered(
      tasks,
      (task, { signal }) =>
        writePair(task, {
          model,
          calls,
          paradigm: paradigmById(task.paradigm, paradigms),
          settings,
          language,
          verification,
          forbidden: options.forbidden,
          deadline: { milliseconds: deadline },
          signal,
        }),
      { concurrency, signal },
    );
    for await (const written of outcomes) {
      const outcome = known ? leaveOutDuplicate(written, known) : written.outcome;
      sum.add(outcome);
      onProgress?.({ stage: "synthesize", done: ++done, note: costNote(calls) });
      yield outcome;
    }
  }
  async function* wanted(): AsyncGenerator<SynthesisTask> {
    for await (const task of plan.wanted()) {
      if (counting) sum.want(task.paradigm);
      yield task;
    }
  }

  try {
    yield* attempt(wanted());
    // Reserves drawn later may stand earlier in the plan: outcomes wait until none can come before them.
    let held: { place: number; outcome: SynthesisOutcome }[] = [];
    while (!sum.isBudgetUsedUp()) {
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
    sum.setUnused(await plan.countUnused());
  } finally {
    await plan.close();
  }
}

/** Pairs are compared in the order of the outcomes, so that concurrency changes nothing. */
function leaveOutDuplicate({ outcome, task, raw }: WrittenPair, known: KnownPairs): SynthesisOutcome {
  const like = outcome.status === "accepted" ? known.take(outcome.value) : undefined;
  if (!like) return outcome;
  const { reason, detail, input } = like;
  return rejectFound(task, { reason, detail, evidence: input.evidence ?? {} }, raw);
}

function costNote(calls: Calls): string {
  const { made, reused, usd } = calls.summary();
  const cost = usd > 0 ? `, $${usd.toFixed(usd < 1 ? 4 : 2)}` : "";
  return `${made} calls${cost}${reused > 0 ? `, ${reused} replies from the ledger` : ""}`;
}

/** How far one paradigm has come. */
export interface ParadigmSummary {
  wanted: number;
  accepted: number;
  /** Pairs that are missing. */
  short: number;
  /** Rejected and failed tasks by reason; failures by the code of their error. */
  reasons: Record<string, number>;
}

/** What a synthesis came to: accepted + rejected + failed = requested, the tasks attempted. */
export interface SynthesisSummary extends Tally {
  /** Reserves that were never drawn. */
  unused: number;
  /** Tasks that the budget had no room for. */
  unpaid: number;
  paradigms: Record<string, ParadigmSummary>;
}

/** Adds outcomes up while they come. */
interface SummaryKeeper {
  /** Pairs still missing by paradigm. */
  readonly missing: Map<string, number>;
  want(paradigm: string): void;
  add(outcome: SynthesisOutcome): void;
  isBudgetUsedUp(): boolean;
  setUnused(count: number): void;
  summary(): SynthesisSummary;
}

/** Starts an account of the pairs wanted by paradigm. */
function summarize(counts: Readonly<Record<string, number>> = {}): SummaryKeeper {
  const missing = new Map(Object.entries(counts));
  const sum: SynthesisSummary = {
    requested: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    reasons: {},
    unused: 0,
    unpaid: 0,
    paradigms: {},
  };
  for (const [id, wanted] of missing) entryOf(id).wanted = wanted;

  function entryOf(id: string): ParadigmSummary {
    sum.paradigms[id] ??= { wanted: 0, accepted: 0, short: 0, reasons: {} };
    return sum.paradigms[id];
  }
  return {
    missing,
    want(paradigm) {
      missing.set(paradigm, (missing.get(paradigm) ?? 0) + 1);
      entryOf(paradigm).wanted++;
    },
    add(outcome) {
      sum.requested++;
      sum[outcome.status]++;
      if (outcome.status === "accepted") {
        const { paradigm } = outcome.value;
        missing.set(paradigm, (missing.get(paradigm) ?? 0) - 1);
        entryOf(paradigm).accepted++;
        return;
      }
      const { reasons } = entryOf(outcome.input.paradigm);
      const reason = outcome.status === "rejected" ? outcome.reason : codeOf(outcome.error);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      if (outcome.status === "rejected") sum.reasons[reason] = (sum.reasons[reason] ?? 0) + 1;
      if (reason === "budget-exhausted") sum.unpaid++;
    },
    isBudgetUsedUp: () => sum.unpaid > 0,
    setUnused(count) {
      sum.unused = count;
    },
    summary() {
      const paradigms = Object.entries(sum.paradigms).map(([id, entry]) => {
        const short = Math.max(0, entry.wanted - entry.accepted);
        return [id, { ...entry, short, reasons: { ...entry.reasons } }];
      });
      return { ...sum, reasons: { ...sum.reasons }, paradigms: Object.fromEntries(paradigms) };
    },
  };
}

function codeOf(error: Error): string {
  return RagInstructError.is(error) ? error.code : error.name;
}
