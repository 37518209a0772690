import { RagInstructError } from "../errors.ts";
import { onAbort } from "../waiting.ts";
import type { WorstCase } from "./paid-call.ts";

/** A ceiling for a run; whichever is given holds. */
export interface BudgetLimits {
  /** US dollars. Needs the price of every model that is called. */
  usd?: number;
  /** Input and output tokens together. */
  tokens?: number;
}

/**
 * A ceiling that several calls with ledgers of their own share, from when it was made: what their ledgers hold from before does not count.
 * A server on this machine whose price is not given charges nothing.
 */
export interface SharedBudget extends BudgetLimits {
  /** What is left of it. */
  shared: Budget;
}

/** Makes a {@link SharedBudget}. Without limits nothing that costs fits into it. @param limits @default { usd: 0 } */
export function sharedBudget(limits: BudgetLimits = { usd: 0 }): SharedBudget {
  return { ...limits, shared: openBudget(limits, { usd: 0, tokens: 0 }) };
}

/** An amount of what a budget counts. */
export interface Amount {
  usd: number;
  tokens: number;
}

/** What a call is given of a budget. */
export interface Grant extends Amount {
  /** The tokens that it comes from. */
  worst: WorstCase;
}

/** What a call needs. */
export interface Need {
  /**
   * What it takes where there is so much room; undefined where that is too little. A call that is alone gets no more room by waiting, and
   * may do with less.
   */
  within(room: Amount, options: { isAlone: boolean; isFirst: boolean }): Grant | undefined;
  /** What it would take of any room. */
  most(): Amount;
}

/** Lets a call start only when what it may take still fits beside what was spent and what is under way. */
export interface Budget {
  /**
   * Waits while calls under way hold what this one might need. Throws `budget-exhausted` when it will not fit even after
   * they have ended.
   */
  hold(need: Need, signal: AbortSignal): Promise<Grant>;
  /** Holds it whether it fits or not. */
  seize(grant: Grant): void;
  /** Replaces what was reserved by what was really spent: by nothing when the call failed and cannot have been charged for. */
  settle(grant: Grant, spent: Amount): void;
  /** Refuses all that wait and all that come. */
  shut(error: Error): void;
}

interface Waiting {
  need: Need;
  admit(grant: Grant): void;
  refuse(error: Error): void;
}

/** Opens a budget of which an amount is spent already, by an earlier run with the same ledger. */
export function openBudget(limits: BudgetLimits, spent: Amount): Budget {
  const used: Amount = { ...spent };
  const held: Amount = { usd: 0, tokens: 0 };
  const waiting = new Set<Waiting>();
  let underWay = 0;
  let shutWith: Error | undefined;

  const room = (): Amount => ({
    usd: (limits.usd ?? Number.POSITIVE_INFINITY) - used.usd - held.usd,
    tokens: (limits.tokens ?? Number.POSITIVE_INFINITY) - used.tokens - held.tokens,
  });
  function add(to: Amount, amount: Amount, sign: 1 | -1): void {
    to.usd += sign * amount.usd;
    to.tokens += sign * amount.tokens;
  }
  function seize(grant: Grant): void {
    underWay++;
    add(held, grant, 1);
  }
  /** Admits those that fit, in the order in which they came, and refuses those that will not when nobody is before them. */
  function admitWaiting(): void {
    for (const each of waiting) {
      const isAlone = underWay === 0;
      const grant = each.need.within(room(), { isAlone, isFirst: isAlone && used.usd === 0 && used.tokens === 0 });
      if (grant) each.admit(grant);
      else if (isAlone) each.refuse(exhausted(each.need.most()));
      else return;
    }
  }
  function exhausted(most: Amount): RagInstructError {
    const state =
      limits.usd !== undefined && most.usd > room().usd
        ? `$${used.usd.toFixed(4)} of $${limits.usd} are spent and the next call may cost $${most.usd.toFixed(4)}`
        : `${used.tokens} of ${limits.tokens} tokens are spent and the next call may take ${Math.ceil(most.tokens)}`;
    return new RagInstructError("budget-exhausted", `stopped by the budget: ${state}; raise it and run again to go on`);
  }
  return {
    seize,
    hold: (need, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (shutWith) throw shutWith;
        const leave = (settled: () => void) => {
          waiting.delete(entry);
          stopListening();
          settled();
        };
        const entry: Waiting = {
          need,
          admit(grant) {
            seize(grant);
            leave(() => resolve(grant));
          },
          refuse: (error) => leave(() => reject(error)),
        };
        const stopListening = onAbort(signal, (reason) => leave(() => reject(reason)));
        waiting.add(entry);
        admitWaiting();
      }),
    settle(grant, spent) {
      underWay--;
      add(held, grant, -1);
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
  /** What it was given. */
  readonly worst: WorstCase;
  /** Replaces what is held by what was spent. */
  spend(amount: Amount): void;
  /** All that was given is what it took: the endpoint may have charged and did not say. */
  spendAll(): void;
  /** Holds as much once more, where the room was spent by an attempt that failed. */
  renew(): Promise<void>;
  /** Gives back what is still held. */
  release(): void;
}

/** Waits for room for what a call needs, as {@link Budget.hold} does. */
export async function holdBudget(budget: Budget, need: Need, signal: AbortSignal): Promise<Hold> {
  return held(budget, await budget.hold(need, signal), signal);
}

/** Takes room for a call at once, as {@link Budget.seize} does. */
export function seizeBudget(budget: Budget, grant: Grant): Hold {
  budget.seize(grant);
  return held(budget, grant, new AbortController().signal);
}

/** The need of exactly so much. */
export function exactNeed(grant: Grant): Need {
  return {
    within: (room) => (grant.usd <= room.usd && grant.tokens <= room.tokens ? grant : undefined),
    most: () => grant,
  };
}

function held(budget: Budget, grant: Grant, signal: AbortSignal): Hold {
  let isHeld = true;
  function spend(amount: Amount): void {
    if (isHeld) budget.settle(grant, amount);
    isHeld = false;
  }
  return {
    worst: grant.worst,
    spend,
    spendAll: () => spend(grant),
    async renew() {
      if (isHeld) return;
      await budget.hold(exactNeed(grant), signal);
      isHeld = true;
    },
    release: () => spend({ usd: 0, tokens: 0 }),
  };
}
