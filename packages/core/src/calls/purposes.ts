import { type HashTable, hashTable } from "../number-tables.ts";
import { addSpending, emptySpending, type SpendingByPurpose, spendingOf } from "../spending.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** What a call is for where it does not say. */
const unstated = "other";
/** The purpose under which an earlier reply counts whose question was asked again: the ledger keeps both, under one key. */
const repeated = "repeat";

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
      const purpose = isFirst ? this.#names[place]! : repeated;
      sums[purpose] ??= emptySpending();
      addSpending(sums[purpose], spent);
    });
    return sums;
  }
}

function wordsOf(key: string): [high: number, low: number] {
  return [Number.parseInt(key.slice(0, 8), 16), Number.parseInt(key.slice(8, 16), 16)];
}
