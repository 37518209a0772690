import { RagInstructError } from "../errors.ts";
import { type Clock, onAbort } from "../waiting.ts";
import type { Usage } from "./ledger.ts";

/** What a call may take at most, known before it starts. */
export interface WorstCase {
  inputTokens: number;
  outputTokens: number;
  /** Input tokens by a guess, where replies may show how far it is off and {@link PaidCall.execute} keeps to less output. */
  guess?: number;
}

/** What a call gave. */
export interface CallResult<T> {
  value: T;
  usage: Usage;
  /** Headers of the answer, for what they say of the endpoint's limits. */
  headers?: Readonly<Record<string, string>>;
}

/** One paid call of any kind. */
export interface PaidCall<T> {
  /** Everything the reply depends on, as JSON: endpoint, model, prompt, parameters. Hashed into the ledger key. */
  key: unknown;
  /** Id of the model, for its price and its limits. */
  model?: string;
  /** What it is for, under which `Calls.spending` counts it; not part of the key. @default "other" */
  purpose?: string;
  /** Whether its endpoint is on this machine, where no list price holds. @default false */
  isLocal?: boolean;
  /** Whether its model runs in this process: it then costs nothing and has no limit of time. @default false */
  runsHere?: boolean;
  /** What it may take at most. Needed when there is a budget or a limit of tokens. */
  worst?: WorstCase;
  /**
   * Makes the call. The value must survive JSON, because the ledger gives it back next time. Under a budget `given` is what the call may
   * take, and it must ask for no more output.
   */
  execute(signal: AbortSignal, given?: WorstCase): Promise<CallResult<T>>;
  /** Words that no error may show, such as the key; asked for when a call fails. */
  secrets?(): readonly string[] | Promise<readonly string[]>;
  /** Called before the call is made; not called where the ledger has the value. */
  onAsked?(): void;
  /** Shared by the calls of one task. @default a new one of the run's `deadline` */
  deadline?: Deadline;
  signal?: AbortSignal;
}

/** Time for one task, shared by all its calls: it runs from the moment the first of them is let in. */
export interface Deadline {
  milliseconds: number;
  /** Set by the first attempt, on the clock of the calls. */
  endsAt?: number;
}

/** A deadline that never comes. */
export function noDeadline(): Deadline {
  return { milliseconds: Number.POSITIVE_INFINITY };
}

/** Milliseconds that are left; all of them before the first attempt. */
export function timeLeft({ milliseconds, endsAt }: Deadline, clock: Clock): number {
  return endsAt === undefined ? milliseconds : endsAt - clock.now();
}

/** Starts the time, where it does not run yet. */
export function startDeadline(deadline: Deadline, clock: Clock): void {
  deadline.endsAt ??= clock.now() + deadline.milliseconds;
}

/** Thrown where the time of a task is over. */
export function overdue({ milliseconds }: Deadline, meanwhile: string): RagInstructError {
  return new RagInstructError("call-failed", `the deadline of ${milliseconds / 1000} s is over, ${meanwhile}`);
}

// Handed in once: `abort()` without a reason makes a DOMException with its stack for each call.
const isDone = new Error("done");

/**
 * Runs an action with a limit of time. Its signal aborts when the time is over, or when the caller's signal does. `milliseconds` is
 * called again when the time is over, because the limit may have grown meanwhile.
 */
export async function withinTime<T>(
  action: (signal: AbortSignal) => Promise<T>,
  {
    milliseconds,
    error,
    signal,
    clock,
  }: { milliseconds: () => number; error: () => Error; signal: AbortSignal; clock: Clock },
): Promise<T> {
  const controller = new AbortController();
  const ended = new AbortController();
  const start = clock.now();
  async function watch(): Promise<void> {
    for (let left = milliseconds(); left > 0; left = start + milliseconds() - clock.now())
      await clock.sleep(left, ended.signal);
    controller.abort(error());
  }
  watch().catch(() => {});
  const stopListening = onAbort(signal, (reason) => controller.abort(reason));
  try {
    return await action(controller.signal);
  } catch (thrown) {
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    ended.abort(isDone);
    stopListening();
  }
}
