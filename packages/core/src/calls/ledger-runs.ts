import { hashOf } from "../hash.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** What says of an entry in which run its question was asked, and in how many. */
export type RunStamp = Pick<LedgerEntry, "run" | "asked">;

/** Under which the ledger counts the runs that have ended. */
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

  /** Whether a question is asked once more whose reply could not be used. A refused prompt is only where all are. */
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
    // No reply takes no token at all.
    await this.#ledger.add({ key: endedKey, usage: { inputTokens: 0, outputTokens: 0 }, value: this.#run });
  }
}
