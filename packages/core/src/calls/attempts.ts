import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "../errors.ts";
import { seededRandom } from "../random.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import type { Gate } from "./gate.ts";

/** Options of {@link createAttempts}. */
export interface AttemptOptions {
  gate: Gate;
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
  onRetry: () => void;
}

/** Makes a call until it succeeds, at the pace of the gate, or until it or all calls are given up. */
export type Attempts = <R>(
  key: string,
  execute: (signal: AbortSignal) => Promise<R>,
  signal: AbortSignal,
) => Promise<R>;

/** Retries with exponential, jittered back-off, and shuts the gate when no call can succeed. */
export function createAttempts({
  gate,
  attempts,
  timeout,
  breakAfter,
  patience,
  backOff,
  onRetry,
}: AttemptOptions): Attempts {
  let failuresInRow = 0;
  let failingSince: number | undefined;

  async function attempt<R>(
    execute: (signal: AbortSignal) => Promise<R>,
    signal: AbortSignal,
  ): Promise<{ value: R } | Failure> {
    await gate.enter(signal);
    try {
      const value = await withTimeout(execute, { timeout, signal });
      failuresInRow = 0;
      failingSince = undefined;
      gate.leave("succeeded");
      return { value };
    } catch (error) {
      if (signal.aborted) {
        gate.leave("failed");
        throw signal.reason;
      }
      const failure = outOfPatience(judgeFailure(error));
      // Shut before the place is given back, or one more call slips in.
      if (failure.kind === "hopeless") gate.shut(failure.error);
      gate.leave(failure.kind === "overloaded" ? { overloaded: failure.wait } : "failed");
      return failure;
    }
  }
  function outOfPatience(failure: Failure): Failure {
    failingSince ??= Date.now();
    const waited = Date.now() - failingSince;
    if (waited < patience || failure.kind === "rejected" || failure.kind === "hopeless") return failure;
    const message = `no call has succeeded for ${Math.round(waited / 1000)} s, the last one: ${failure.error.message}`;
    return { kind: "hopeless", error: new RagInstructError("breaker-open", message, { cause: failure.error }) };
  }
  function giveUp(error: Error, tries: number): RagInstructError {
    const message = `no answer after ${tries} attempts: ${error.message}`;
    if (++failuresInRow < breakAfter) return new RagInstructError("call-failed", message, { cause: error });
    const broken = new RagInstructError(
      "breaker-open",
      `${failuresInRow} calls in a row failed, the last one: ${error.message}`,
    );
    gate.shut(broken);
    return broken;
  }

  return async (key, execute, signal) => {
    const random = seededRandom("retry", key);
    for (let n = 1; ; n++) {
      const result = await attempt(execute, signal);
      if ("value" in result) return result.value;
      if (result.kind === "hopeless" || result.kind === "rejected") throw result.error;
      if (n >= attempts) throw giveUp(result.error, n);
      onRetry();
      // After an overload the gate makes everybody wait.
      if (result.kind === "overloaded") continue;
      const own = backOff * 2 ** (n - 1) * (0.5 + random.next() / 2);
      await sleep(Math.max(result.wait ?? 0, own), undefined, { signal });
    }
  };
}

async function withTimeout<T>(
  action: (signal: AbortSignal) => Promise<T>,
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeout / 1000} s`)), timeout);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await action(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
