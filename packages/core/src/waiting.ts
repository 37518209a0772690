/**
 * Calls a listener once when a signal aborts, with the signal's reason; at once, before this returns, when it has aborted already.
 * Without a signal it is never called.
 * @returns takes the listener away; call it as soon as there is nothing to abort any more, because long-lived signals keep their listeners
 * @example
 * const stopListening = onAbort(signal, (reason) => reject(reason));
 */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    listener(signal.reason);
    return () => {};
  }
  const heard = () => listener(signal.reason);
  signal.addEventListener("abort", heard, { once: true });
  return () => signal.removeEventListener("abort", heard);
}

/** Where time is read and waited for; a test passes one of its own, so that minutes take no time. */
export interface Clock {
  /** Milliseconds since some moment; never runs backwards. */
  now(): number;
  /** Waits this many milliseconds. Rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

// A timer holds no more than 24.8 days.
const maxTimer = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(
        () => {
          stopListening();
          resolve();
        },
        Math.min(Math.max(0, milliseconds), maxTimer),
      );
      const stopListening = onAbort(signal, (reason) => {
        clearTimeout(timer);
        reject(reason);
      });
    }),
};
