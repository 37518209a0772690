import { RagInstructError } from "../errors.ts";
import type { Limiter } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import type { Clock } from "../waiting.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import type { Gate } from "./gate.ts";
import { type CallResult, type Deadline, overdue, startDeadline, timeLeft, withinTime } from "./paid-call.ts";

/** Options of {@link createAttempts}. */
export interface AttemptOptions {
  gate: Gate;
  limiter: Limiter;
  /** Attempts for one call. */
  attempts: number;
  /** Milliseconds for one attempt. */
  timeout: number;
  /** Calls in a row that fail for good before all stop. */
  breakAfter: number;
  /** Milliseconds without any answer, while there are failures, before all stop. */
  patience: number;
  /** Milliseconds of the first back-off. */
  backOff: number;
  clock: Clock;
}

/** A call as it is attempted. */
export interface AttemptedCall<T> {
  /** Seeds the jitter. */
  key: string;
  model: string | undefined;
  /** Tokens that it is expected to take. */
  tokens: number;
  deadline: Deadline;
  signal: AbortSignal;
  execute(signal: AbortSignal): Promise<CallResult<T>>;
  /** Words that no error may show. */
  secrets: () => Promise<readonly string[]>;
  /** After each attempt that failed: whether the endpoint may have charged for it, and whether the call is made again. */
  afterFailure(failure: { mayBePaid: boolean; again: boolean }): Promise<void>;
}

const maxBackOff = 60_000;

/** Makes a call until it succeeds, at the pace of gate and limiter, or until it or all calls are given up. */
export type Attempts = <T>(call: AttemptedCall<T>) => Promise<CallResult<T>>;

/** Retries with exponential, jittered back-off, and shuts the gate when no call can succeed. */
export function createAttempts(options: AttemptOptions): Attempts {
  const { gate, limiter, attempts, timeout, breakAfter, patience, backOff, clock } = options;
  let failuresInRow = 0;
  let failingSince: number | undefined;
  let stopped: Error | undefined;

  /** Stops all calls; whichever comes first is the one error of all. */
  function stopAll(error: Error): Error {
    stopped ??= error;
    gate.shut(stopped);
    return stopped;
  }

  async function attempt<T>(call: AttemptedCall<T>): Promise<{ result: CallResult<T> } | Failure> {
    const { deadline, model, tokens } = call;
    const inTime = <R>(action: (signal: AbortSignal) => Promise<R>) =>
      deadline.endsAt === undefined
        ? action(call.signal)
        : withinTime(action, {
            milliseconds: timeLeft(deadline, clock),
            error: () => overdue(deadline, "waiting for the endpoint to take more calls"),
            signal: call.signal,
            clock,
          });
    const leave = await inTime((signal) => gate.enter(signal));
    try {
      startDeadline(deadline, clock);
      const permit = await inTime((signal) => limiter.acquire({ tokens, signal, model: model || undefined }));
      const sentAt = clock.now();
      const outcome = await send(call);
      const used = "result" in outcome ? tokensOf(outcome.result, tokens) : 0;
      permit.release({ tokens: used });
      const headers = "result" in outcome ? outcome.result.headers : outcome.headers;
      if (headers) limiter.observe?.(headers, { sentAt, model: model || undefined });
      if ("result" in outcome) {
        failuresInRow = 0;
        failingSince = undefined;
        leave("succeeded");
        return outcome;
      }
      const failure = outOfPatience(outcome);
      // Shut before the place is given back, or one more call slips in.
      if (failure.kind === "hopeless") stopAll(failure.error);
      leave(failure.kind === "overloaded" ? { overloaded: failure.wait } : "failed");
      return failure;
    } catch (error) {
      leave("failed");
      throw error;
    }
  }
  async function send<T>(call: AttemptedCall<T>): Promise<{ result: CallResult<T> } | Failure> {
    const milliseconds = Math.min(timeout, timeLeft(call.deadline, clock));
    const error = () =>
      milliseconds < timeout
        ? overdue(call.deadline, "waiting for an answer")
        : new Error(`no answer within ${timeout / 1000} s`);
    try {
      return { result: await withinTime(call.execute, { milliseconds, error, signal: call.signal, clock }) };
    } catch (thrown) {
      if (call.signal.aborted) throw call.signal.reason;
      return judgeFailure(thrown, await call.secrets());
    }
  }
  function outOfPatience(failure: Failure): Failure {
    failingSince ??= clock.now();
    if (failure.kind === "rejected" || failure.kind === "hopeless") return failure;
    const waited = clock.now() - failingSince;
    if (waited >= patience) return stop(`no call has succeeded for ${Math.round(waited / 1000)} s`, failure);
    if ((failure.wait ?? 0) <= patience) return failure;
    return stop(`the endpoint asks to wait ${Math.round((failure.wait ?? 0) / 1000)} s`, failure);
  }
  function giveUp(message: string, cause: Error): Error {
    if (stopped) return stopped;
    if (++failuresInRow < breakAfter) return new RagInstructError("call-failed", message, { cause });
    const broken = `${failuresInRow} calls in a row failed, the last one: ${cause.message}`;
    return stopAll(new RagInstructError("breaker-open", broken, { cause }));
  }

  /** Milliseconds to wait before the next attempt, or why there is none. */
  function judge(failure: Failure, n: number, { deadline }: AttemptedCall<unknown>, jitter: number): number | Error {
    const { kind, error } = failure;
    if (kind === "hopeless") return stopped ?? error;
    if (kind === "rejected") return giveUp(error.message, error);
    if (n >= attempts) return giveUp(`no answer after ${n} attempts: ${error.message}`, error);
    // After an overload the gate makes everybody wait.
    const own = Math.min(maxBackOff, backOff * 2 ** (n - 1)) * jitter;
    const wait = kind === "overloaded" ? 0 : Math.max(failure.wait ?? 0, own);
    if (wait < timeLeft(deadline, clock)) return wait;
    return giveUp(`no answer after ${n} attempts in ${deadline.milliseconds / 1000} s: ${error.message}`, error);
  }

  return async (call) => {
    const random = seededRandom("retry", call.key);
    for (let n = 1; ; n++) {
      const outcome = await attempt(call);
      if ("result" in outcome) return outcome.result;
      const next = judge(outcome, n, call, 0.5 + random.next() / 2);
      await call.afterFailure({ mayBePaid: outcome.mayBePaid, again: typeof next === "number" });
      if (typeof next !== "number") throw next;
      if (next > 0) await clock.sleep(next, call.signal);
    }
  };
}

function stop(why: string, { error }: Failure): Failure {
  const message = `${why}, the last call: ${error.message}`;
  const stopped = new RagInstructError("breaker-open", message, { cause: error });
  return { kind: "hopeless", fault: "endpoint", mayBePaid: false, error: stopped };
}

function tokensOf({ usage }: CallResult<unknown>, expected: number): number {
  if (usage.inputTokens === undefined || usage.outputTokens === undefined) return expected;
  return usage.inputTokens + usage.outputTokens;
}
