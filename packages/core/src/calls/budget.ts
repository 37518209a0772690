import { RagInstructError } from "../errors.ts";
import { onAbort } from "../waiting.ts";

/** A ceiling for a run; whichever is given holds. */
export interface BudgetLimits {
  /** US dollars. Needs the price of every model that is called. */
  usd?: number;
  /** Input and output tokens together. */
  tokens?: number;
}

/** An amount of what a budget counts. */
export interface Amount {
  usd: number;
  tokens: number;
}

/** Lets a call start only when its worst case still fits beside what was spent and what is under way. */
export interface Budget {
  /**
   * Waits while calls under way hold what this one might need. Throws `budget-exhausted` when it will not fit even after
   * they have ended.
   */
  hold(worst: Amount, signal: AbortSignal): Promise<void>;
  /** Holds it whether it fits or not. */
  seize(worst: Amount): void;
  /** Puts what was really spent in the place of what was held; nothing when the call failed and cannot have been charged for. */
  settle(worst: Amount, spent: Amount): void;
  /** Refuses all that wait and all that come. */
  shut(error: Error): void;
}

interface Waiting {
  worst: Amount;
  admit(): void;
  refuse(error: Error): void;
}

/** Opens a budget of which an amount is spent already, by an earlier run with the same ledger. */
export function openBudget(limits: BudgetLimits, spent: Amount): Budget {
  const used: Amount = { ...spent };
  const held: Amount = { usd: 0, tokens: 0 };
  const waiting = new Set<Waiting>();
  let underWay = 0;
  let shutWith: Error | undefined;

  function fits(worst: Amount, among: Amount): boolean {
    return (
      used.usd + among.usd + worst.usd <= (limits.usd ?? Number.POSITIVE_INFINITY) &&
      used.tokens + among.tokens + worst.tokens <= (limits.tokens ?? Number.POSITIVE_INFINITY)
    );
  }
  function add(to: Amount, amount: Amount, sign: 1 | -1): void {
    to.usd += sign * amount.usd;
    to.tokens += sign * amount.tokens;
  }
  function seize(worst: Amount): void {
    underWay++;
    add(held, worst, 1);
  }
  /** Admits those that fit, in the order in which they came, and refuses those that never will. */
  function admitWaiting(): void {
    for (const each of waiting) {
      if (fits(each.worst, held)) each.admit();
      else if (underWay === 0 || !fits(each.worst, { usd: 0, tokens: 0 })) each.refuse(exhausted(each.worst));
      else return;
    }
  }
  function exhausted(worst: Amount): RagInstructError {
    const state =
      limits.usd !== undefined && !fits({ usd: worst.usd, tokens: 0 }, { usd: 0, tokens: 0 })
        ? `$${used.usd.toFixed(4)} of $${limits.usd} are spent and the next call may cost $${worst.usd.toFixed(4)}`
        : `${used.tokens} of ${limits.tokens} tokens are spent and the next call may take ${Math.ceil(worst.tokens)}`;
    return new RagInstructError("budget-exhausted", `the budget is used up: ${state}; raise it and run again to go on`);
  }
  return {
    seize,
    hold: (worst, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (shutWith) throw shutWith;
        const leave = (settled: () => void) => {
          waiting.delete(entry);
          stopListening();
          settled();
        };
        const entry: Waiting = {
          worst,
          admit() {
            seize(worst);
            leave(resolve);
          },
          refuse: (error) => leave(() => reject(error)),
        };
        const stopListening = onAbort(signal, (reason) => leave(() => reject(reason)));
        waiting.add(entry);
        admitWaiting();
      }),
    settle(worst, spent) {
      underWay--;
      add(held, worst, -1);
      add(used, spent, 1);
      // Rounding errors of floating-point sums must not refuse the last call that fits.
      if (underWay === 0) Object.assign(held, { usd: 0, tokens: 0 });
      admitWaiting();
    },
    shut(error) {
      shutWith ??= error;
      for (const each of waiting) each.refuse(shutWith);
    },
  };
}

/** The room that one call holds in a budget until it is known what it took. */
export interface Hold {
  /** Replaces what is held by what was spent. */
  spend(amount: Amount): void;
  /** The worst case is what it took: the endpoint may have charged and did not say. */
  spendAll(): void;
  /** Holds the worst case once more, where the room was spent by an attempt that failed. */
  renew(): Promise<void>;
  /** Gives back what is still held. */
  release(): void;
}

/** Waits for room for a call's worst case, as {@link Budget.hold} does. */
export async function holdBudget(budget: Budget, worst: Amount, signal: AbortSignal): Promise<Hold> {
  await budget.hold(worst, signal);
  return held(budget, worst, signal);
}

/** Takes room for a call's worst case at once, as {@link Budget.seize} does. */
export function seizeBudget(budget: Budget, worst: Amount): Hold {
  budget.seize(worst);
  return held(budget, worst, new AbortController().signal);
}

function held(budget: Budget, worst: Amount, signal: AbortSignal): Hold {
  let isHeld = true;
  function spend(amount: Amount): void {
    if (isHeld) budget.settle(worst, amount);
    isHeld = false;
  }
  return {
    spend,
    spendAll: () => spend(worst),
    async renew() {
      if (isHeld) return;
      await budget.hold(worst, signal);
      isHeld = true;
    },
    release: () => spend({ usd: 0, tokens: 0 }),
  };
}
