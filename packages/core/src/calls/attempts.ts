import { RagInstructError } from "../errors.ts";
import type { Limiter } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import { type Clock, onAbort } from "../waiting.ts";
import { EndpointHealth, type HealthOptions } from "./endpoint-health.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import type { AnswerTimes, Gate } from "./gate.ts";
import { type CallResult, type Deadline, overdue, startDeadline, timeLeft, withinTime } from "./paid-call.ts";

/** Options of {@link createAttempts}. */
export interface AttemptOptions extends HealthOptions {
  gate: Gate;
  limiter: Limiter;
  /** Attempts for one call. */
  attempts: number;
  /** The same where an endpoint fails so often that a call is likely to need more. @default as many */
  maxAttempts?: number;
  /** How long answers take here, and with that how long an attempt may take. */
  times: AnswerTimes;
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
  /** Whether an attempt has a limit of time. @default true */
  isTimed?: boolean;
  signal: AbortSignal;
  execute(signal: AbortSignal): Promise<CallResult<T>>;
  /** Words that no error may show. */
  secrets: () => Promise<readonly string[]>;
  /** Told when the endpoint refuses the prompt, before the call fails; `isCertain` where it said so itself. */
  onRefusal?(refusal: { reason: string; isCertain: boolean }): Promise<void>;
  /** After each attempt that failed: whether the endpoint may have charged for it, has refused it for its limits, and whether the call is made again. */
  afterFailure(failure: { mayBePaid: boolean; isOverloaded: boolean; again: boolean }): Promise<void>;
}

const maxBackOff = 60_000;
// A refused call need not wait longer for the sake of others, since the gate keeps the pace: it tries again soon enough to be answered within its time.
const maxBackOffRefused = 15_000;
// Longest pause between attempts, so that a server that is back is soon used again.
const maxBackOffInOutage = 5000;

// Whole answers to one prompt that hold no reply, such as one whose gateway filtered it away.
const maxNoAnswers = 3;

/** Makes a call until it succeeds, at the pace of gate and limiter, or until it or all calls are given up. */
export type Attempts = <T>(call: AttemptedCall<T>) => Promise<CallResult<T>>;

/** Retries with exponential, jittered back-off, and shuts the gate when no call can succeed. */
export function createAttempts(options: AttemptOptions): Attempts {
  const { gate, limiter, attempts, maxAttempts = attempts, times, backOff, clock } = options;
  const health = new EndpointHealth(options);
  let stopped: Error | undefined;

  /** Stops all calls; whichever comes first is the one error of all. */
  function stopAll(error: Error): Error {
    stopped ??= error;
    gate.shut(stopped);
    return stopped;
  }
  const onWait = (milliseconds: number) => health.await(milliseconds);

  async function attempt<T>(call: AttemptedCall<T>, before: Tries): Promise<{ result: CallResult<T> } | Failed> {
    const { deadline, model = "", tokens } = call;
    const inTime = <R>(action: (signal: AbortSignal) => Promise<R>) => {
      if (deadline.endsAt === undefined) return action(call.signal);
      const left = timeLeft(deadline, clock);
      const error = () => overdue(deadline, "waiting for the endpoint to take more calls");
      return withinTime(action, { milliseconds: () => left, error, signal: call.signal, clock });
    };
    const place = await inTime((signal) => gate.enter(signal, { isAgain: before.tries > 0 }));
    try {
      const permit = await inTime((signal) => limiter.acquire({ tokens, signal, model: model || undefined, onWait }));
      startDeadline(deadline, clock);
      const sentAt = clock.now();
      const outcome = await send(call, before).catch((error) => {
        permit.release();
        throw error;
      });
      permit.release({ tokens: "result" in outcome ? tokensOf(outcome.result, tokens) : 0 });
      const headers = "result" in outcome ? outcome.result.headers : limitHeaders(outcome);
      if (headers) limiter.observe?.(headers, { sentAt, model: model || undefined });
      if ("result" in outcome) {
        health.succeed(model);
        const answeredAfter = clock.now() - sentAt;
        times.note(answeredAfter);
        place.leave({ answeredAfter });
        return outcome;
      }
      const failure = health.judge(outcome, model);
      // Shut before the place is given back, or one more call slips in.
      if (failure.kind === "hopeless") stopAll(failure.error);
      if (failure.kind === "overloaded") place.leave({ refused: failure.wait, isOutage: failure.isOutage });
      else place.leave(outcome.isLate ? "timed-out" : "failed");
      return { failure, sentAt };
    } catch (error) {
      place.leave("failed");
      throw error;
    }
  }
  async function send<T>(
    { deadline, isTimed = true, signal, execute, secrets, afterFailure }: AttemptedCall<T>,
    { late }: Tries,
  ): Promise<{ result: CallResult<T> } | (Failure & { isLate?: boolean })> {
    const left = timeLeft(deadline, clock);
    // Answers that come meanwhile may show that they take longer here.
    const timeout = () => (isTimed ? times.timeout * 2 ** late.length : Number.POSITIVE_INFINITY);
    const milliseconds = () => Math.min(timeout(), left);
    await using lingering = lingers(signal, { milliseconds: isTimed ? times.lingering : 0, clock });
    let isLate = false;
    const error = () => {
      isLate = true;
      if (left < timeout()) return overdue(deadline, "waiting for an answer");
      late.push(timeout());
      return new Error(`no answer within ${late.map((waited) => `${waited / 1000} s`).join(", nor within ")}`);
    };
    try {
      return { result: await withinTime(execute, { milliseconds, error, signal: lingering.signal, clock }) };
    } catch (thrown) {
      const failure = judgeFailure(thrown, await secrets());
      if (signal.aborted) {
        // Whoever wants no answer any more has asked all the same.
        const mayBePaid = lingering.signal.aborted || failure.mayBePaid;
        await afterFailure({ mayBePaid, isOverloaded: false, again: false });
        throw signal.reason;
      }
      return { ...failure, isLate: isLate || (failure.kind === "transient" && failure.isTimeout) };
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
    if (failure.kind === "overloaded")
      return !(failure.isLimit || failure.isOutage || failure.isToldWhen || othersGoWell);
    return failure.kind !== "transient" || !failure.isOutage || othersGoWell;
  }
  /** Milliseconds to wait before the next attempt, or why there is none. */
  function judge(
    failure: Failure & { kind: "overloaded" | "transient" },
    { tries, counted, since, jitter, deadline }: Tries & { jitter: number; deadline: Deadline },
  ): number | Error {
    const { error, kind, isOutage } = failure;
    const worth = failure.isNoAnswer
      ? Math.min(attempts, maxNoAnswers)
      : health.attemptsWorth(attempts, { most: maxAttempts, since });
    if (counted >= worth) return giveUp(`no answer after ${tries} attempts: ${error.message}`, error);
    const longest = isOutage ? maxBackOffInOutage : kind === "overloaded" ? maxBackOffRefused : maxBackOff;
    const own = Math.min(longest, backOff * 2 ** (tries - 1)) * jitter;
    const wait = Math.max(failure.wait ?? 0, own);
    if (wait < timeLeft(deadline, clock)) return wait;
    return giveUp(`no answer after ${tries} attempts in ${deadline.milliseconds / 1000} s: ${error.message}`, error);
  }

  return async (call) => {
    const { deadline } = call;
    const random = seededRandom("retry", call.key);
    const so: Tries = { tries: 0, counted: 0, late: [], since: clock.now() };
    for (;;) {
      const outcome = await attempt(call, so);
      if ("result" in outcome) return outcome.result;
      const { failure } = outcome;
      so.tries++;
      if (counts(outcome)) so.counted++;
      const jitter = 0.5 + random.next() / 2;
      const next =
        failure.kind === "hopeless"
          ? (stopped ?? failure.error)
          : failure.kind === "rejected"
            ? await refuse(failure, call)
            : judge(failure, { ...so, jitter, deadline });
      const isOverloaded = failure.kind === "overloaded";
      await call.afterFailure({ mayBePaid: failure.mayBePaid, isOverloaded, again: typeof next === "number" });
      if (typeof next !== "number") throw next;
      if (next > 0) await clock.sleep(next, call.signal);
    }
  };
}

/**
 * A signal that aborts so many milliseconds after another one: what was sent is paid for, and its answer is kept for whoever asks again.
 * It ends when it is disposed of.
 */
function lingers(
  signal: AbortSignal,
  { milliseconds, clock }: { milliseconds: number; clock: Clock },
): { signal: AbortSignal } & AsyncDisposable {
  const [controller, ended] = [new AbortController(), new AbortController()];
  const stopListening = onAbort(signal, async (reason) => {
    if (milliseconds > 0) await clock.sleep(milliseconds, ended.signal).catch(() => {});
    if (!ended.signal.aborted) controller.abort(reason);
  });
  return {
    signal: controller.signal,
    async [Symbol.asyncDispose]() {
      stopListening();
      ended.abort(isDone);
    },
  };
}

// Handed in once: `abort()` without a reason makes a DOMException with its stack for each call.
const isDone = new Error("done");

/** An attempt that failed, and when it set out. */
interface Failed {
  failure: Failure;
  sentAt: number;
}

/** How often a call was tried, how many of that count against `attempts`, and how long those without an answer were waited for. */
interface Tries {
  tries: number;
  counted: number;
  late: number[];
  /** When the call was made. */
  since: number;
}

/** What a failure tells of the endpoint's limits. One that says itself how long to wait is believed before its other headers. */
function limitHeaders(failure: Failure): Failure["headers"] {
  return failure.kind === "overloaded" && failure.isToldWhen ? undefined : failure.headers;
}

function tokensOf({ usage }: CallResult<unknown>, expected: number): number {
  if (usage.inputTokens === undefined || usage.outputTokens === undefined) return expected;
  return usage.inputTokens + usage.outputTokens;
}
