import { type SeededRandom, seededRandom } from "../random.ts";
import { type Clock, onAbort, systemClock } from "../waiting.ts";

/** Options of a {@link Gate}. */
export interface GateOptions {
  /** Most calls at the same time, and the number it starts with. */
  max: number;
  /** Milliseconds of the first back-off, doubled for each overload in a row. @default 500 */
  backOff?: number;
  /** @default the machine's */
  clock?: Clock;
}

/** How a call that had a place ended. */
export type GateResult = "succeeded" | "failed" | { overloaded: number | undefined };

const maxBackOff = 60_000;

/** A call that waits for a place. */
interface Entrant {
  admit(): void;
  refuse(error: Error): void;
}

/**
 * Admits calls at a pace that the endpoint bears: additive increase, multiplicative decrease (Chiu and Jain 1989), with one pause for
 * all after an overload. From the second overload in a row on a single call probes after each pause, and success doubles the pace
 * up to half of what was too much (slow start, RFC 5681), so that an endpoint that refuses everything soon sees one request a pause.
 */
export class Gate {
  readonly #max: number;
  readonly #backOff: number;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #waiting = new Set<Entrant>();
  readonly #shut = new AbortController();
  #limit: number;
  /** Below it success adds a whole place, above it a part of one. */
  #threshold: number;
  #active = 0;
  #overloadsInRow = 0;
  #slowDowns = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isPausing = false;

  constructor({ max, backOff = 500, clock = systemClock }: GateOptions) {
    this.#max = max;
    this.#backOff = backOff;
    this.#clock = clock;
    this.#random = seededRandom("gate", max);
    this.#limit = max;
    this.#threshold = max;
  }

  /** Calls admitted at the same time as things stand. */
  get limit(): number {
    return this.#limit;
  }

  /** Waits for a place; calling the result gives it back. Rejects with the signal's reason, or with the error the gate was shut with. */
  enter(signal: AbortSignal): Promise<(result: GateResult) => void> {
    return new Promise((resolve, reject) => {
      if (this.#shut.signal.aborted) return reject(this.#shut.signal.reason);
      if (signal.aborted) return reject(signal.reason);
      const settle = (settled: () => void) => {
        this.#waiting.delete(entrant);
        stopListening();
        settled();
      };
      const entrant: Entrant = {
        admit: () => settle(() => resolve(this.#newPlace())),
        refuse: (error) => settle(() => reject(error)),
      };
      const stopListening = onAbort(signal, (reason) => settle(() => reject(reason)));
      this.#waiting.add(entrant);
      this.#admit();
    });
  }

  /** Rejects all that wait and all that come. */
  shut(error: Error): void {
    if (this.#shut.signal.aborted) return;
    this.#shut.abort(error);
    for (const entrant of this.#waiting) entrant.refuse(error);
  }

  #admit(): void {
    const pause = this.#pausedUntil - this.#clock.now();
    if (pause > 0) {
      this.#admitAfter(pause);
      return;
    }
    for (const entrant of this.#waiting) {
      if (this.#active >= Math.floor(this.#limit)) return;
      this.#active++;
      entrant.admit();
    }
  }
  #admitAfter(pause: number): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    const goOn = () => {
      this.#isPausing = false;
      this.#admit();
    };
    this.#clock.sleep(pause, this.#shut.signal).then(goOn, () => {});
  }
  #pauseFor(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds);
  }
  #slowDown(): void {
    this.#overloadsInRow++;
    this.#slowDowns++;
    this.#threshold = Math.max(1, this.#limit / 2);
    this.#limit = this.#overloadsInRow > 1 ? 1 : this.#threshold;
    const own = Math.min(maxBackOff, this.#backOff * 2 ** (this.#overloadsInRow - 1));
    this.#pauseFor(own * (0.5 + this.#random.next() / 2));
  }
  #speedUp(): void {
    this.#overloadsInRow = 0;
    this.#limit = Math.min(this.#max, this.#limit + (this.#limit < this.#threshold ? 1 : 1 / this.#limit));
  }
  /** A place, which remembers after how many overloads it was given. */
  #newPlace(): (result: GateResult) => void {
    const slowDownsBefore = this.#slowDowns;
    return (result) => {
      this.#active--;
      if (result === "succeeded") this.#speedUp();
      else if (result !== "failed") {
        // Calls that set out before the last overload say nothing new, but how long they are asked to wait counts.
        if (slowDownsBefore === this.#slowDowns) this.#slowDown();
        this.#pauseFor(result.overloaded ?? 0);
      }
      this.#admit();
    };
  }
}
