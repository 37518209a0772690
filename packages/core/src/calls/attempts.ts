import { RagInstructError } from "../errors.ts";
import type { Limiter } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import { EndpointHealth, type HealthOptions } from "./endpoint-health.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import type { Gate } from "./gate.ts";
import { type CallResult, type Deadline, overdue, startDeadline, timeLeft, withinTime } from "./paid-call.ts";

/** Options of {@link createAttempts}. */
export interface AttemptOptions extends HealthOptions {
  gate: Gate;
  limiter: Limiter;
  /** Attempts for one call. */
  attempts: number;
  /** Milliseconds for one attempt. */
  timeout: number;
  /** Milliseconds of the first back-off. */
  backOff: number;
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
  /** Told when the endpoint refuses the prompt, before the call fails; `isCertain` where it said so itself. */
  onRefusal?(refusal: { reason: string; isCertain: boolean }): Promise<void>;
  /** After each attempt that failed: whether the endpoint may have charged for it, and whether the call is made again. */
  afterFailure(failure: { mayBePaid: boolean; again: boolean }): Promise<void>;
}

const maxBackOff = 60_000;
// A server that is back should not stand idle for long.
const maxBackOffInOutage = 10_000;

/** Makes a call until it succeeds, at the pace of gate and limiter, or until it or all calls are given up. */
export type Attempts = <T>(call: AttemptedCall<T>) => Promise<CallResult<T>>;

/** Retries with exponential, jittered back-off, and shuts the gate when no call can succeed. */
export function createAttempts(options: AttemptOptions): Attempts {
  const { gate, limiter, attempts, timeout, backOff, clock } = options;
  const health = new EndpointHealth(options);
  let stopped: Error | undefined;

  /** Stops all calls; whichever comes first is the one error of all. */
  function stopAll(error: Error): Error {
    stopped ??= error;
    gate.shut(stopped);
    return stopped;
  }
  /** Waits for a limit that the endpoint has told, or stops all where it is too far. */
  function onWait(milliseconds: number): void {
    try {
      health.await(milliseconds);
    } catch (error) {
      throw stopAll(error as Error);
    }
  }

  async function attempt<T>(call: AttemptedCall<T>): Promise<{ result: CallResult<T> } | Failed> {
    const { deadline, model = "", tokens } = call;
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
      const permit = await inTime((signal) => limiter.acquire({ tokens, signal, model: model || undefined, onWait }));
      const sentAt = clock.now();
      const outcome = await send(call);
      const used = "result" in outcome ? tokensOf(outcome.result, tokens) : 0;
      permit.release({ tokens: used });
      const headers = "result" in outcome ? outcome.result.headers : limitHeaders(outcome);
      if (headers) limiter.observe?.(headers, { sentAt, model: model || undefined });
      if ("result" in outcome) {
        health.succeed(model);
        leave("succeeded");
        return outcome;
      }
      const failure = health.judge(outcome, model);
      // Shut before the place is given back, or one more call slips in.
      if (failure.kind === "hopeless") stopAll(failure.error);
      leave(failure.kind === "overloaded" ? { overloaded: failure.wait } : "failed");
      return { failure, sentAt };
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
  function giveUp(message: string, cause: Error): Error {
    if (stopped) return stopped;
    const broken = health.giveUp(cause);
    return broken ? stopAll(broken) : new RagInstructError("call-failed", message, { cause });
  }
  /** A prompt that the endpoint refuses says nothing of the endpoint; pages may be sent to everybody. */
  async function refuse(failure: Failure & { kind: "rejected" }, call: AttemptedCall<unknown>): Promise<Error> {
    const { refuses, error } = failure;
    if (refuses === undefined) return giveUp(error.message, error);
    const isCertain = refuses === "prompt";
    const given = isCertain ? error : giveUp(error.message, error);
    if (RagInstructError.is(given, "breaker-open")) return given;
    await call.onRefusal?.({ reason: error.message, isCertain });
    return error;
  }

  /**
   * Whether an attempt counts against `attempts`. Waiting for a limit, or for an endpoint that answers nobody, is no try of this call:
   * patience and the deadline bound it.
   */
  function counts({ failure, sentAt }: Failed): boolean {
    const othersGoWell = health.hasSucceededSince(sentAt);
    if (failure.kind === "overloaded" && !failure.isOutage) return !failure.isToldWhen && !othersGoWell;
    if (failure.kind === "overloaded" || failure.kind === "transient") return !failure.isOutage || othersGoWell;
    return true;
  }
  /** Milliseconds to wait before the next attempt, or why there is none. */
  function judge(
    failure: Failure & { kind: "overloaded" | "transient" },
    { tries, counted, jitter, deadline }: Tries & { deadline: Deadline },
  ): number | Error {
    const { kind, error, isOutage } = failure;
    if (counted >= attempts) return giveUp(`no answer after ${tries} attempts: ${error.message}`, error);
    const longest = isOutage ? maxBackOffInOutage : maxBackOff;
    const own = Math.min(longest, backOff * 2 ** (tries - 1)) * jitter;
    // After an overload the gate makes everybody wait.
    const wait = kind === "overloaded" ? 0 : Math.max(failure.wait ?? 0, own);
    if (wait < timeLeft(deadline, clock)) return wait;
    return giveUp(`no answer after ${tries} attempts in ${deadline.milliseconds / 1000} s: ${error.message}`, error);
  }

  return async (call) => {
    const { deadline } = call;
    const random = seededRandom("retry", call.key);
    let counted = 0;
    // An endpoint that has answered this call with a fault of another kind is there.
    let isThere = false;
    for (let tries = 1; ; tries++) {
      const outcome = await attempt(call);
      if ("result" in outcome) return outcome.result;
      const { failure } = outcome;
      if (isThere || counts(outcome)) {
        counted++;
        isThere ||= failure.headers !== undefined;
      }
      const jitter = 0.5 + random.next() / 2;
      const next =
        failure.kind === "hopeless"
          ? (stopped ?? failure.error)
          : failure.kind === "rejected"
            ? await refuse(failure, call)
            : judge(failure, { tries, counted, jitter, deadline });
      await call.afterFailure({ mayBePaid: failure.mayBePaid, again: typeof next === "number" });
      if (typeof next !== "number") throw next;
      if (next > 0) await clock.sleep(next, call.signal);
    }
  };
}

/** An attempt that failed, and when it set out. */
interface Failed {
  failure: Failure;
  sentAt: number;
}

/** How often a call was tried, and how many of that count against `attempts`. */
interface Tries {
  tries: number;
  counted: number;
  jitter: number;
}

/** What a failure tells of the endpoint's limits. One that says itself how long to wait is believed before its other headers. */
function limitHeaders(failure: Failure): Failure["headers"] {
  return failure.kind === "overloaded" && failure.isToldWhen ? undefined : failure.headers;
}

function tokensOf({ usage }: CallResult<unknown>, expected: number): number {
  if (usage.inputTokens === undefined || usage.outputTokens === undefined) return expected;
  return usage.inputTokens + usage.outputTokens;
}
