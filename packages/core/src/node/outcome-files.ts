import { addOutcome, emptyTally, type Outcome, type Tally } from "../outcome.ts";
import { openAtomic } from "./atomic.ts";
import { readJsonl } from "./jsonl.ts";

/** An outcome that gave no value. */
export type Refused<I = unknown, R extends string = string> = Exclude<Outcome<never, I, R>, { status: "accepted" }>;

/** Options of {@link openOutcomeFiles}. */
export interface OutcomeFilesOptions<T, I, R extends string> {
  /** Path of the JSON lines of the accepted values. */
  accepted: string;
  /** Path of the JSON lines of the rejected and failed outcomes. */
  refused: string;
  /** What is written of an accepted value. @default the value */
  acceptedLine?: (value: T) => unknown;
  /** What is written of another outcome. @default the outcome, with the message of its error */
  refusedLine?: (outcome: Refused<I, R>) => unknown;
}

/** Two files of JSON lines that outcomes end in: accepted here, refused there. They appear when they are committed, or not at all. */
export interface OutcomeFiles<T, I = unknown, R extends string = string> extends AsyncDisposable {
  /** Writes an outcome. Throws `file-unwritable`. */
  add(outcome: Outcome<T, I, R>): Promise<void>;
  /** Writes outcomes as they pass. */
  writing<O extends Outcome<T, I, R>>(outcomes: AsyncIterable<O> | Iterable<O>): AsyncGenerator<O>;
  /** What was written so far. */
  tally(): Tally;
  /** The accepted values that were written when it is begun, as their lines hold them: more may be written meanwhile. */
  accepted(): AsyncGenerator<T>;
  /** The last outcome that was not accepted, or that was rejected for a reason. */
  last(reason?: string): Refused<I, R> | undefined;
  /** Makes both files durable, then puts both in their places. */
  commit(): Promise<void>;
  /** Leaves nothing of what is not committed. */
  close(): Promise<void>;
}

/**
 * Opens the two files of a stage's outcomes, each written as `openAtomic` does: nothing half-written is left behind by an error, an
 * abort or a forgotten `commit`. Throws `file-unwritable`.
 * @example
 * await using files = await openOutcomeFiles<Pair>({ accepted: "pairs.jsonl", refused: "rejected.jsonl" });
 * for await (const outcome of outcomes) await files.add(outcome);
 * await files.commit();
 */
export async function openOutcomeFiles<T, I = unknown, R extends string = string>({
  accepted: acceptedPath,
  refused: refusedPath,
  acceptedLine = (value) => value,
  refusedLine = plainRefused,
}: OutcomeFilesOptions<T, I, R>): Promise<OutcomeFiles<T, I, R>> {
  const accepted = await openAtomic(acceptedPath);
  const refused = await openAtomic(refusedPath).catch(async (error) => {
    await accepted.discard();
    throw error;
  });
  const sum = emptyTally();
  const lastOf = new Map<string | undefined, Refused<I, R>>();

  async function add(outcome: Outcome<T, I, R>): Promise<void> {
    addOutcome(sum, outcome);
    if (outcome.status === "accepted") return accepted.write(lineOf(acceptedLine(outcome.value)));
    lastOf.set(undefined, outcome);
    if (outcome.status === "rejected") lastOf.set(outcome.reason, outcome);
    await refused.write(lineOf(refusedLine(outcome)));
  }
  async function close(): Promise<void> {
    await accepted.discard();
    await refused.discard();
  }
  return {
    add,
    async *writing(outcomes) {
      for await (const outcome of outcomes) {
        await add(outcome);
        yield outcome;
      }
    },
    tally: () => ({ ...sum, reasons: { ...sum.reasons } }),
    async *accepted() {
      let left = sum.accepted;
      const path = await accepted.soFar();
      if (left === 0) return;
      for await (const value of readJsonl<T>(path)) {
        yield value;
        if (--left === 0) return;
      }
    },
    last: (reason) => lastOf.get(reason),
    async commit() {
      await accepted.seal();
      await refused.seal();
      await accepted.commit();
      await refused.commit();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function plainRefused(outcome: Refused): unknown {
  return outcome.status === "failed" ? { ...outcome, error: outcome.error.message } : outcome;
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
