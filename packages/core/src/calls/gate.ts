import { seededRandom } from "../random.ts";
import { onAbort } from "../waiting.ts";

/** Options of {@link createGate}. */
export interface GateOptions {
  /** Most calls at the same time, and the number it starts with. */
  max: number;
  /** Milliseconds of the first back-off, doubled for each overload in a row. @default 500 */
  backOff?: number;
}

/** How a call that had a place ended. */
export type GateResult = "succeeded" | "failed" | { overloaded: number | undefined };

/** Admits calls at a pace that the endpoint bears. */
export interface Gate {
  /** Waits for a place; calling the result gives it back. Rejects with the signal's reason, or with the error the gate was shut with. */
  enter(signal: AbortSignal): Promise<(result: GateResult) => void>;
  /** Rejects all that wait and all that come. */
  shut(error: Error): void;
  /** Calls admitted at the same time as things stand. */
  readonly limit: number;
}

const longestBackOff = 60_000;

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989), with one pause for all after an overload. From the second
 * overload in a row on a single call probes after each pause, and success doubles the pace up to half of what was too
 * much (slow start, RFC 5681), so that an endpoint that refuses everything soon sees one request a pause.
 */
export function createGate({ max, backOff = 500 }: GateOptions): Gate {
  const random = seededRandom("gate", max);
  const waiting = new Set<{ admit(): void; refuse(error: Error): void }>();
  let limit = max;
  let threshold = max;
  let active = 0;
  let overloadsInRow = 0;
  let slowDowns = 0;
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
  function pauseFor(milliseconds: number): void {
    pausedUntil = Math.max(pausedUntil, Date.now() + milliseconds);
  }
  function slowDown(): void {
    overloadsInRow++;
    slowDowns++;
    threshold = Math.max(1, limit / 2);
    limit = overloadsInRow > 1 ? 1 : threshold;
    const own = Math.min(longestBackOff, backOff * 2 ** (overloadsInRow - 1));
    pauseFor(own * (0.5 + random.next() / 2));
  }
  function speedUp(): void {
    overloadsInRow = 0;
    limit = Math.min(max, limit + (limit < threshold ? 1 : 1 / limit));
  }
  /** A place, which remembers after how many overloads it was given. */
  function newPlace(): (result: GateResult) => void {
    const slowDownsBefore = slowDowns;
    return (result) => {
      active--;
      if (result === "succeeded") speedUp();
      else if (result !== "failed") {
        // Calls that set out before the last overload say nothing new, but how long they are asked to wait counts.
        if (slowDownsBefore === slowDowns) slowDown();
        pauseFor(result.overloaded ?? 0);
      }
      admit();
    };
  }

  return {
    enter(signal) {
      return new Promise((resolve, reject) => {
        if (shutWith) return reject(shutWith);
        if (signal.aborted) return reject(signal.reason);
        const settle = (settled: () => void) => () => {
          waiting.delete(entrant);
          stopListening();
          settled();
        };
        const entrant = {
          admit: settle(() => resolve(newPlace())),
          refuse: (error: Error) => settle(() => reject(error))(),
        };
        const stopListening = onAbort(
          signal,
          settle(() => reject(signal.reason)),
        );
        waiting.add(entrant);
        admit();
      });
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
