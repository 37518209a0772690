import { RagInstructError } from "../errors.ts";

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
  /** Puts what was really spent in the place of what was held; nothing when the call failed and cannot have been charged for. */
  settle(worst: Amount, spent: Amount): void;
}

/** Opens a budget of which an amount is spent already, by an earlier run with the same ledger. */
export function openBudget(limits: BudgetLimits, spent: Amount): Budget {
  const used: Amount = { ...spent };
  const held: Amount = { usd: 0, tokens: 0 };
  let underWay = 0;
  let waiting: (() => void)[] = [];

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
  function exhausted(worst: Amount): RagInstructError {
    const state =
      limits.usd !== undefined && !fits({ usd: worst.usd, tokens: 0 }, { usd: 0, tokens: 0 })
        ? `$${used.usd.toFixed(4)} of $${limits.usd} are spent and the next call may cost $${worst.usd.toFixed(4)}`
        : `${used.tokens} of ${limits.tokens} tokens are spent and the next call may take ${Math.ceil(worst.tokens)}`;
    return new RagInstructError("budget-exhausted", `the budget is used up: ${state}; raise it and run again to go on`);
  }
  return {
    async hold(worst, signal) {
      while (!fits(worst, held)) {
        if (underWay === 0 || !fits(worst, { usd: 0, tokens: 0 })) throw exhausted(worst);
        await new Promise<void>((resolve) => {
          const wake = () => {
            signal.removeEventListener("abort", wake);
            resolve();
          };
          waiting.push(wake);
          signal.addEventListener("abort", wake, { once: true });
        });
        signal.throwIfAborted();
      }
      underWay++;
      add(held, worst, 1);
    },
    settle(worst, spent) {
      underWay--;
      add(held, worst, -1);
      add(used, spent, 1);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
  };
}

/** The room that one call holds in a budget until it is known what it took. */
export interface Hold {
  /** Replaces what is held by what was spent. */
  spend(amount: Amount): void;
  /** Holds the worst case once more, where the room was spent by an attempt that failed. */
  renew(): Promise<void>;
  /** Gives back what is still held. */
  release(): void;
}

/** Waits for room for a call's worst case, as {@link Budget.hold} does. */
export async function holdBudget(budget: Budget, worst: Amount, signal: AbortSignal): Promise<Hold> {
  await budget.hold(worst, signal);
  let isHeld = true;
  function spend(amount: Amount): void {
    if (isHeld) budget.settle(worst, amount);
    isHeld = false;
  }
  return {
    spend,
    async renew() {
      if (isHeld) return;
      await budget.hold(worst, signal);
      isHeld = true;
    },
    release: () => spend({ usd: 0, tokens: 0 }),
  };
}
