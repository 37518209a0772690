import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";

const attempts = 5;
const firstWait = 200;

/** What an attempt is given. */
export interface Attempt {
  signal: AbortSignal;
  /** To be called with each byte that comes. */
  alive(): void;
}

/** Options of {@link retrying}. */
export interface RetryOptions {
  /** What is asked for, in messages. */
  what: string;
  /** Milliseconds without a byte before an attempt is given up. */
  idle: number;
  signal: AbortSignal | undefined;
}

/**
 * Asks a server up to five times, each time after twice the wait; what will not change is thrown at once. Throws the
 * caller's reason unwrapped, and `server-failed` where nobody answers.
 */
export async function retrying<T>(ask: (attempt: Attempt) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await watched(ask, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFinal(error) || attempt >= attempts) throw error;
      await sleep(firstWait * 2 ** (attempt - 1), undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}

async function watched<T>(ask: (attempt: Attempt) => Promise<T>, { what, idle, signal }: RetryOptions): Promise<T> {
  const watchdog = new AbortController();
  const stalled = () =>
    watchdog.abort(new RagInstructError("server-failed", `${what}: no byte within ${idle / 1000} s`));
  const timer = setTimeout(stalled, idle);
  try {
    const either = signal ? AbortSignal.any([signal, watchdog.signal]) : watchdog.signal;
    return await ask({ signal: either, alive: () => void timer.refresh() });
  } finally {
    clearTimeout(timer);
  }
}

function isFinal(error: unknown): boolean {
  if (!RagInstructError.is(error)) return false;
  if (error.code !== "server-failed") return true;
  const { status } = (error.cause ?? {}) as { status?: number };
  return status !== undefined && status < 500 && status !== 429 && status !== 408;
}
