import type { Ledger } from "./ledger.ts";
import type { RunStamp } from "./ledger-runs.ts";

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
