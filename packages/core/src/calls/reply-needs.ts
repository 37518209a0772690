import type { LedgerEntry, Usage } from "./ledger.ts";
import type { PaidCall, WorstCase } from "./paid-call.ts";

/** What says of a call how much it may take. */
type Needing = Pick<PaidCall<unknown>, "model" | "worst">;

/** What the replies of one model have shown. */
interface Seen {
  /** Most output tokens of a reply. */
  output: number;
  /** Most prompt tokens for each that was guessed, and most beyond the guess; the largest guess they were seen at, 0 before any. */
  perGuess: number;
  beyondGuess: number;
  guess: number;
}

const unseen: Seen = { output: 1, perGuess: 0, beyondGuess: 0, guess: 0 };
// Replies so far beyond the largest one seen are cut, and asked for once more.
const timesLargest = 2;
/** Output tokens that are too few to be worth saving. */
const small = 256;
// Beyond what a straight line through the prompts that were counted says.
const inputMargin = 1.1;

/**
 * Learns how much of their worst case calls to a model need. At first it is the bytes of the prompt and the whole ceiling on output.
 * Once replies have come, output is twice the largest of them (256 at least), which the endpoint enforces; prompts are guessed, and the guess is
 * raised as far as the endpoint's own count went beyond it. Replies of earlier runs tell of output alone.
 */
export class ReplyNeeds {
  readonly #ofModels = new Map<string, Seen>();

  /** What a call is given. */
  of({ model = "", worst }: Needing & { worst: WorstCase }): WorstCase {
    const seen = this.#ofModels.get(model);
    if (!seen || worst.guess === undefined) return worst;
    const outputTokens = Math.min(worst.outputTokens, Math.max(small, timesLargest * seen.output));
    const inputTokens = seen.guess === 0 ? worst.inputTokens : promptTokens(seen, worst.guess);
    return { ...worst, inputTokens, outputTokens };
  }

  /** The least output that a call is worth making for, where a budget has no room for more; undefined where no less than the worst will do. */
  leastOutput({ model = "", worst }: Needing, { isFirst }: { isFirst: boolean }): number | undefined {
    if (worst?.guess === undefined) return undefined;
    return this.#ofModels.get(model)?.output ?? (isFirst ? small : undefined);
  }

  /** Takes note of a reply of an earlier run, whose prompt is not at hand. */
  recall({ model = "", usage: { outputTokens } }: Pick<LedgerEntry, "model" | "usage">): void {
    if (outputTokens === undefined) return;
    const seen = this.#ofModels.get(model) ?? unseen;
    this.#ofModels.set(model, { ...seen, output: Math.max(seen.output, outputTokens) });
  }

  /** Takes note of what a reply took. */
  learn({ model = "", worst }: Needing, { inputTokens, outputTokens }: Usage): void {
    if (!worst?.guess || inputTokens === undefined || outputTokens === undefined) return;
    const { guess } = worst;
    const seen = this.#ofModels.get(model) ?? unseen;
    this.#ofModels.set(model, {
      output: Math.max(seen.output, outputTokens),
      perGuess: Math.max(seen.perGuess, inputTokens / guess),
      beyondGuess: Math.max(seen.beyondGuess, inputTokens - guess),
      guess: Math.max(seen.guess, guess),
    });
  }
}

/** The most that a prompt takes, where the count grows with the guess in a straight line: between those seen, and beyond them. */
function promptTokens({ perGuess, beyondGuess, guess: largest }: Seen, guess: number): number {
  const inProportion = perGuess * guess;
  const most = guess <= largest ? Math.min(inProportion, guess + beyondGuess) : inProportion;
  return Math.ceil(most * inputMargin);
}
