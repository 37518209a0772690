import {
  amount,
  dollarsText,
  type Outcome,
  RagInstructError,
  type Source,
  type Spending,
  type SpendingByPurpose,
  wholeSpending,
} from "@rag-instruct/core";
import type { SynthesisOutcome } from "./write-pair.ts";

/** What a budget stopped. */
export interface BudgetStop {
  /** Pairs, or whatever else is made or checked one by one, that found no room. */
  unpaid: number;
  /** US dollars that they would cost, as those before them did; undefined where prices are not known or none was paid for. */
  usd?: number;
}

/** Whether the budget had no room for a task. */
export function isUnpaid<O extends Outcome<unknown>>(outcome: O): outcome is O & { status: "failed"; error: Error } {
  return outcome.status === "failed" && RagInstructError.is(outcome.error, "budget-exhausted");
}

/** Counts what the budget had no room for among outcomes that pass; `unpaid()` is complete once they have been read to their end. */
export function watchBudget<O extends Outcome<unknown>>(outcomes: Source<O>) {
  let unpaid = 0;
  async function* pass(): AsyncGenerator<O> {
    for await (const outcome of outcomes) {
      if (isUnpaid(outcome)) unpaid++;
      yield outcome;
    }
  }
  return { outcomes: pass(), unpaid: () => unpaid };
}

/**
 * What a budget kept from being written, and what that would cost; undefined where it had room for all.
 * @param counts.unplanned those of the requested that were refused before anything was asked. @default 0
 */
export function budgetStop(
  { requested, unpaid = 0, unplanned = 0 }: { requested: number; unpaid?: number; unplanned?: number },
  { usd }: Pick<Spending, "usd">,
): BudgetStop | undefined {
  if (unpaid === 0) return undefined;
  const asked = requested - unplanned;
  return { unpaid, usd: usd > 0 && asked > 0 ? (usd / asked) * unpaid : undefined };
}

/**
 * The same in a line.
 * @param what is made or checked. @default "pairs"
 */
export function budgetStopLine({ unpaid, usd }: BudgetStop, what = "pairs"): string {
  const rest = usd === undefined ? "" : `, and would cost about ${dollarsText(usd)} more`;
  return `stopped by the budget: ${amount(unpaid, what.replace(/s\b/, ""), what)} found no room${rest}; raise it and run again to go on`;
}

/** A stage of a run, as far as it says what the budget had no room for. */
interface PaidStage {
  name: string;
  /** `unpaid` is what found no room, `requested` the pairs that were attempted. */
  counts: Readonly<Record<string, number>>;
  cost?: Readonly<SpendingByPurpose>;
}

// What is called for one by one, by the stage that does it.
const calledFor: Readonly<Record<string, string>> = { synthesize: "pairs", assemble: "checks of noise" };

/** The same of the stages of a run, a line for each that the budget stopped. */
export function budgetStopLines(stages: readonly PaidStage[]): string[] {
  return stages.flatMap(({ name, counts, cost = {} }) => {
    const spent = wholeSpending(cost);
    const { requested = spent.replies, unpaid, unplanned } = counts;
    const stop = budgetStop({ requested, unpaid, unplanned }, spent);
    return stop ? [budgetStopLine(stop, calledFor[name])] : [];
  });
}

/** When a model is given up: after so many outcomes, where too few of them were accepted. */
export interface StopRule {
  /** Outcomes that are waited for. Those that the budget had no room for do not count. */
  outcomes: number;
  /** Share of them that must be accepted, 0 to 1. */
  accepted: number;
}

/** The first outcomes of a synthesis, in the order of the plan. Until they show that the model can do it, no more tasks are begun. */
export class Trial {
  readonly #rule: StopRule;
  #underWay = 0;
  #seen = 0;
  #accepted = 0;
  #wake = () => {};

  constructor(rule: StopRule) {
    this.#rule = rule;
  }

  /** Waits until one more task may be begun. */
  async begin(): Promise<void> {
    while (!this.#isOver && this.#underWay >= this.#rule.outcomes - this.#seen) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#underWay++;
  }

  add(outcome: SynthesisOutcome): void {
    this.#underWay--;
    if (!this.#isOver && !isUnpaid(outcome)) {
      this.#seen++;
      if (outcome.status === "accepted") this.#accepted++;
    }
    this.#wake();
  }

  get isHopeless(): boolean {
    return this.#seen >= this.#rule.outcomes && !this.#isPassed;
  }

  get #isPassed(): boolean {
    return this.#accepted >= this.#rule.accepted * this.#rule.outcomes;
  }

  get #isOver(): boolean {
    return this.#isPassed || this.#seen >= this.#rule.outcomes;
  }
}
