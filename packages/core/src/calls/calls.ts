import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Closable } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import { type AskRequest, executeAsk, type TextReply } from "./ask.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import { createGate } from "./gate.ts";
import { openLedger, type Usage } from "./ledger.ts";
import type { PaidCall } from "./paid-call.ts";

/** Options of {@link openCalls}. */
export interface CallsOptions {
  /** Path of the ledger, made when it is not there. */
  ledger: string;
  /** Most calls at the same time. @default { max: 16 } */
  concurrency?: { max: number };
  /** Attempts for one call. @default 6 */
  attempts?: number;
  /** Milliseconds for one attempt. @default 120000 */
  timeout?: number;
  /** Calls in a row that fail for good before all stop. @default 20 */
  breakAfter?: number;
  /** Milliseconds without any answer, while there are failures, before all stop. @default 600000 */
  patience?: number;
  /** Milliseconds of the first back-off. @default 500 */
  backOff?: number;
  /** Wait for fsync at every reply. @default false */
  durable?: boolean;
}

/** What the calls of a run came to. */
export interface CallsSummary {
  /** Replies paid for now. */
  made: number;
  /** Replies taken from the ledger, paid for earlier. */
  reused: number;
  /** Attempts that failed and were repeated. */
  retried: number;
  /** Tokens of the replies paid for now, as the endpoint counted them. */
  inputTokens: number;
  outputTokens: number;
}

/** The one way to make a paid call: all calls of a run share its rate, its ledger and its breaker. */
export interface Calls extends Closable {
  /** Asks a language model, or gives the reply it gave to the same request before. */
  ask(request: AskRequest): Promise<TextReply>;
  /** The same for any other paid call. */
  perform<T>(call: PaidCall<T>): Promise<T>;
  summary(): CallsSummary;
}

/**
 * Opens the ledger and the gate that every paid call of a run goes through. Errors of `ask` and `perform`: `breaker-open`
 * when no call can succeed (wrong key, no quota, unknown model, or everything fails), `call-failed` when one call does not.
 */
export async function openCalls(options: CallsOptions): Promise<Calls> {
  const {
    concurrency = { max: 16 },
    attempts = 6,
    timeout = 120_000,
    breakAfter = 20,
    patience = 600_000,
    backOff = 500,
  } = options;
  const ledger = await openLedger(options.ledger, { durable: options.durable ?? false });
  const gate = createGate({ max: concurrency.max, backOff });
  const underWay = new Map<string, Promise<unknown>>();
  const sum: CallsSummary = { made: 0, reused: 0, retried: 0, inputTokens: 0, outputTokens: 0 };
  let failuresInRow = 0;
  let failingSince: number | undefined;

  async function attempt<T>(call: PaidCall<T>, signal: AbortSignal): Promise<{ value: T; usage: Usage } | Failure> {
    await gate.enter(signal);
    try {
      const result = await withTimeout((inner) => call.execute(inner), { timeout, signal });
      failuresInRow = 0;
      failingSince = undefined;
      gate.leave("succeeded");
      return result;
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

  async function pay<T>(key: string, call: PaidCall<T>, signal: AbortSignal): Promise<T> {
    const random = seededRandom("retry", key);
    for (let n = 1; ; n++) {
      const result = await attempt(call, signal);
      if ("value" in result) {
        await ledger.add({ key, value: result.value, usage: result.usage });
        sum.made++;
        sum.inputTokens += result.usage.inputTokens ?? 0;
        sum.outputTokens += result.usage.outputTokens ?? 0;
        return result.value;
      }
      if (result.kind === "hopeless" || result.kind === "rejected") throw result.error;
      if (n >= attempts) throw giveUp(result.error, n);
      sum.retried++;
      if (result.kind === "transient") {
        await sleep(Math.max(result.wait ?? 0, backOff * 2 ** (n - 1) * (0.5 + random.next() / 2)), undefined, {
          signal,
        });
      }
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
    const failed = new RagInstructError("call-failed", `no answer after ${tries} attempts: ${error.message}`, {
      cause: error,
    });
    if (++failuresInRow < breakAfter) return failed;
    const broken = new RagInstructError(
      "breaker-open",
      `${failuresInRow} calls in a row failed, the last one: ${error.message}`,
    );
    gate.shut(broken);
    return broken;
  }

  const calls: Calls = {
    ask: (request) => executeAsk(request, calls.perform),
    async perform<T>(call: PaidCall<T>): Promise<T> {
      const { signal = new AbortController().signal } = call;
      signal.throwIfAborted();
      const key = hashOf(call.key);
      const known = await ledger.get(key);
      if (known) {
        sum.reused++;
        return known.value as T;
      }
      let paying = underWay.get(key) as Promise<T> | undefined;
      if (!paying) {
        paying = pay(key, call, signal).finally(() => underWay.delete(key));
        underWay.set(key, paying);
      }
      return paying;
    },
    summary: () => ({ ...sum }),
    async close() {
      gate.shut(new RagInstructError("call-failed", "the calls were closed"));
      await Promise.allSettled(underWay.values());
      await ledger.close();
    },
    [Symbol.asyncDispose]: () => calls.close(),
  };
  return calls;
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
