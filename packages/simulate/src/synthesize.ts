import { mapOrdered, type OnProgress, RagInstructError, type Source } from "@rag-instruct/core";
import type { AskRequest, Calls } from "@rag-instruct/core/calls";
import { paradigms as builtinParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import type { SynthesisTask } from "./plan/task.ts";
import type { VerifyLevel } from "./verify/verdict.ts";
import { askerFor } from "./verify/verify.ts";
import { type SynthesisOutcome, writePair } from "./write-pair.ts";

/** Options of {@link synthesize}. */
export interface SynthesizeOptions {
  /** In the order of the plan: all wanted tasks, then the reserves. */
  tasks: Source<SynthesisTask>;
  /** A model object of the AI SDK. */
  model: AskRequest["model"];
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
  verify?: { level: VerifyLevel; model?: AskRequest["model"] };
  /** Most tasks under way. @default 64 */
  concurrency?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Writes a pair for every task, checks it, and draws reserve tasks for those that were not accepted until the counts are met
 * or the reserves are used up. Outcomes come in the order of the plan, each attempted task exactly once; reserves that are
 * never drawn have no outcome, and none is drawn once the budget is used up. Which reserves are drawn depends on the outcomes alone, never on timing.
 */
export async function* synthesize(options: SynthesizeOptions): AsyncGenerator<SynthesisOutcome> {
  const {
    model,
    calls,
    paradigms = builtinParadigms,
    language,
    settings = {},
    concurrency = 64,
    signal,
    onProgress,
  } = options;
  const { level, model: judge = model } = options.verify ?? { level: "lexical" };
  const verification = { level, asker: askerFor(level, { model: judge, calls }) };
  const plan = splitPlan(options.tasks);
  const missing = new Map(Object.entries(options.counts ?? {}));
  const counting = options.counts === undefined;
  let done = 0;
  let isBudgetUsedUp = false;

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
          signal,
        }),
      { concurrency, ...(signal ? { signal } : {}) },
    );
    for await (const outcome of outcomes) {
      if (outcome.status === "accepted")
        missing.set(outcome.value.paradigm, (missing.get(outcome.value.paradigm) ?? 0) - 1);
      isBudgetUsedUp ||= outcome.status === "failed" && RagInstructError.is(outcome.error, "budget-exhausted");
      onProgress?.({ stage: "synthesize", done: ++done });
      yield outcome;
    }
  }
  async function* wanted(): AsyncGenerator<SynthesisTask> {
    for await (const task of plan.wanted()) {
      if (counting) missing.set(task.paradigm, (missing.get(task.paradigm) ?? 0) + 1);
      yield task;
    }
  }

  try {
    yield* attempt(wanted());
    while (!isBudgetUsedUp) {
      const wave = await plan.draw(missing);
      if (wave.length === 0) return;
      yield* attempt(wave);
    }
  } finally {
    await plan.close();
  }
}

/** Reads a plan once: first its wanted tasks, then as many reserves as are asked for, keeping those it had to pass over. */
function splitPlan(tasks: Source<SynthesisTask>): {
  wanted(): AsyncGenerator<SynthesisTask>;
  draw(missing: ReadonlyMap<string, number>): Promise<SynthesisTask[]>;
  close(): Promise<void>;
} {
  const iterator = Symbol.asyncIterator in tasks ? tasks[Symbol.asyncIterator]() : tasks[Symbol.iterator]();
  const passedOver: SynthesisTask[] = [];
  let exhausted = false;

  async function next(): Promise<SynthesisTask | undefined> {
    if (exhausted) return undefined;
    const { done, value } = await iterator.next();
    exhausted = done === true;
    return done ? undefined : value;
  }
  return {
    async *wanted() {
      for (let task = await next(); task; task = await next()) {
        if (task.reserve) {
          passedOver.push(task);
          return;
        }
        yield task;
      }
    },
    async draw(missing) {
      const left = new Map([...missing].filter(([, count]) => count > 0));
      const wave: SynthesisTask[] = [];
      const take = (task: SynthesisTask): boolean => {
        const count = left.get(task.paradigm) ?? 0;
        if (count === 0) return false;
        if (count === 1) left.delete(task.paradigm);
        else left.set(task.paradigm, count - 1);
        wave.push(task);
        return true;
      };
      const kept = passedOver.splice(0).filter((task) => !take(task));
      passedOver.push(...kept.filter((task) => (missing.get(task.paradigm) ?? 0) > 0));
      while (left.size > 0) {
        const task = await next();
        if (!task) break;
        if (!take(task) && (missing.get(task.paradigm) ?? 0) > 0) passedOver.push(task);
      }
      return wave;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
