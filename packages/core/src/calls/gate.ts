import { seededRandom } from "../random.ts";

/** Options of {@link createGate}. */
export interface GateOptions {
  /** Most calls at the same time, and the number it starts with. */
  max: number;
  /** Milliseconds of the first back-off, doubled for each overload in a row. @default 500 */
  backOff?: number;
}

/** Admits calls at a pace that the endpoint bears. */
export interface Gate {
  /** Waits for a place. Rejects with the signal's reason, or with the error the gate was shut with. */
  enter(signal: AbortSignal): Promise<void>;
  /** Gives the place back. Success lets one more in over time; overload halves the pace and makes everybody wait. */
  leave(result: "succeeded" | "failed" | { overloaded: number | undefined }): void;
  /** Rejects all that wait and all that come. */
  shut(error: Error): void;
  /** Calls admitted at the same time as things stand. */
  readonly limit: number;
}

const longestBackOff = 60_000;

/** Additive increase, multiplicative decrease (Chiu and Jain 1989), with one pause for all after an overload. */
export function createGate({ max, backOff = 500 }: GateOptions): Gate {
  const random = seededRandom("gate", max);
  const waiting = new Set<{ admit(): void; refuse(error: Error): void }>();
  let limit = max;
  let active = 0;
  let overloadsInRow = 0;
  let pausedUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let shutWith: Error | undefined;

  function admit(): void {
    const pause = pausedUntil - Date.now();
    if (pause > 0) {
      timer ??= setTimeout(() => {
        timer = undefined;
        admit();
      }, pause);
      return;
    }
    for (const entrant of waiting) {
      if (active >= Math.floor(limit)) return;
      active++;
      entrant.admit();
    }
  }
  function slowDown(asked: number | undefined): void {
    // One burst of refusals is one overload: those that were already under way say nothing new.
    if (Date.now() < pausedUntil) return;
    overloadsInRow++;
    limit = Math.max(1, limit / 2);
    const own = Math.min(longestBackOff, backOff * 2 ** (overloadsInRow - 1));
    pausedUntil = Date.now() + Math.max(asked ?? 0, own * (0.5 + random.next() / 2));
  }

  return {
    enter(signal) {
      return new Promise((resolve, reject) => {
        if (shutWith) return reject(shutWith);
        if (signal.aborted) return reject(signal.reason);
        const settle = (settled: () => void) => () => {
          waiting.delete(entrant);
          signal.removeEventListener("abort", abort);
          settled();
        };
        const abort = settle(() => reject(signal.reason));
        const entrant = { admit: settle(resolve), refuse: (error: Error) => settle(() => reject(error))() };
        signal.addEventListener("abort", abort, { once: true });
        waiting.add(entrant);
        admit();
      });
    },
    leave(result) {
      active--;
      if (result === "succeeded") {
        overloadsInRow = 0;
        limit = Math.min(max, limit + 1 / limit);
      } else if (result !== "failed") {
        slowDown(result.overloaded);
      }
      admit();
    },
    shut(error) {
      shutWith ??= error;
      clearTimeout(timer);
      for (const entrant of waiting) entrant.refuse(error);
    },
    get limit() {
      return limit;
    },
  };
}
