import { hashOf } from "../hash.ts";
import { type HashTable, hashTable } from "../number-tables.ts";
import { addSpending, emptySpending, type SpendingByPurpose, spendingOf } from "../spending.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** In which run the question of an entry was asked, and in how many runs. */
export type RunStamp = Pick<LedgerEntry, "run" | "asked">;

/** The key under which the ledger counts the runs that have ended. */
const endedKey = hashOf("runs that have ended");

/**
 * The runs over one ledger, one after another. A run that is killed and started again is the same run; it has ended once
 * {@link end} was called. Questions whose replies could not be used are asked again in later runs, never twice in one.
 */
export class LedgerRuns {
  readonly #ledger: Ledger;
  readonly #askAgain: number | "all";
  #run: number;
  #hasUnusable = false;

  private constructor(ledger: Ledger, { run, askAgain }: { run: number; askAgain: number | "all" }) {
    this.#ledger = ledger;
    this.#askAgain = askAgain;
    this.#run = run;
  }

  /** Reads which run it is; under `"all"` it is a new one, so that whatever is in the ledger is of an earlier one. */
  static async of(ledger: Ledger, askAgain: number | "all"): Promise<LedgerRuns> {
    const ended = Number((await ledger.get(endedKey))?.value ?? 0);
    const runs = new LedgerRuns(ledger, { run: ended, askAgain });
    if (askAgain === "all") await runs.#begin();
    return runs;
  }

  /** Whether a question whose reply could not be used is asked once more. A refused prompt is asked again only under `"all"`. */
  mayAskAgain({ run = 0, asked = 1, refused }: Pick<LedgerEntry, "run" | "asked" | "refused">): boolean {
    const isAllowed = this.#askAgain === "all" || (!refused && asked <= this.#askAgain);
    this.#hasUnusable ||= isAllowed;
    return isAllowed && run < this.#run;
  }

  /** The stamp of a question that is asked now, and of which the ledger may have an entry. */
  stamp(known: RunStamp | undefined): RunStamp {
    return { run: this.#run || undefined, asked: known ? (known.asked ?? 1) + 1 : undefined };
  }

  /** Notes that this run has come to its end. Nothing is written where no later one would ask again. */
  async end(): Promise<void> {
    if (this.#hasUnusable) await this.#begin();
    this.#hasUnusable = false;
  }

  async #begin(): Promise<void> {
    this.#run++;
    // It is no reply, so it took no tokens.
    await this.#ledger.add({ key: endedKey, usage: { inputTokens: 0, outputTokens: 0 }, value: this.#run });
  }
}

/** A prompt that an endpoint refuses. */
interface Refusal {
  model: string | undefined;
  /** What the error says. */
  reason: string;
  /** The endpoint said itself that it is the prompt. */
  isCertain: boolean;
  stamp: RunStamp;
}

/**
 * Keeps refused prompts in the ledger, so that no later run asks them again. A firewall's page may have been meant for everybody: it
 * is kept only when other calls go well.
 */
export class Refusals {
  readonly #ledger: Ledger;
  readonly #unsure = new Map<string, Refusal>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async note(key: string, refusal: Refusal): Promise<void> {
    if (refusal.isCertain) await this.#keep(key, refusal);
    else this.#unsure.set(key, refusal);
  }

  /** Notes that other calls go well. */
  async confirm(): Promise<void> {
    const refusals = [...this.#unsure];
    this.#unsure.clear();
    for (const [key, refusal] of refusals) await this.#keep(key, refusal);
  }

  /** Notes that no call goes well any more. */
  forget(): void {
    this.#unsure.clear();
  }

  #keep(key: string, { model, reason, stamp }: Refusal): Promise<void> {
    return this.#ledger.add({ key, model, usage: {}, refused: true, ...stamp, value: reason });
  }
}

/** What a call is for where it does not say. */
const unstated = "other";
/** The purpose under which an earlier reply counts whose question was asked again: the ledger keeps both, under one key. */
const repeated = "repeat";
/** The purpose of what was paid for answers that were lost on their way, at the most that it may have been. */
export const lostPurpose = "lost";

/** What the calls of a run were for, so that all that they rest on can be added up, whether it was paid for now or earlier. */
export class Purposes {
  readonly #names: string[] = [];
  /** For each call, by 64 bits of its key, the index of its purpose in the list of names: 12 bytes a call. */
  readonly #ofKeys: HashTable = hashTable();

  /** Notes that a call is needed; what it was first needed for counts. */
  note(key: string, purpose = unstated): void {
    let place = this.#names.indexOf(purpose);
    if (place < 0) place = this.#names.push(purpose) - 1;
    this.#ofKeys.add(...wordsOf(key), place);
  }

  /** What the noted calls came to in all, by the lines of their ledger. */
  async spending(ledger: Ledger, usdOf: (head: Omit<LedgerEntry, "value">) => number): Promise<SpendingByPurpose> {
    const sums: SpendingByPurpose = {};
    if (this.#ofKeys.size === 0) return sums;
    const seen = hashTable();
    await ledger.heads((head) => {
      const words = wordsOf(head.key);
      const place = this.#ofKeys.get(...words);
      if (place === undefined) return;
      const isFirst = seen.get(...words) === undefined;
      seen.set(...words, 0);
      const spent = spendingOf({ ...head, usd: usdOf(head) });
      if (spent.replies === 0) return;
      const name = this.#names[place]!;
      const purpose = isFirst || name === lostPurpose ? name : repeated;
      sums[purpose] ??= emptySpending();
      addSpending(sums[purpose], spent);
    });
    return sums;
  }
}

function wordsOf(key: string): [high: number, low: number] {
  return [Number.parseInt(key.slice(0, 8), 16), Number.parseInt(key.slice(8, 16), 16)];
}
