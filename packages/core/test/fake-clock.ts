import { type Clock, onAbort } from "../src/waiting.ts";

interface Sleeper {
  until: number;
  wake(): void;
}

// Turns of the event loop in which nothing happens before time goes on.
const quietTurns = 3;

/**
 * A clock on which minutes pass in no time: when all that is awaited are moments of this clock, it goes on to the next of them. What
 * else takes time, such as an answer over a socket, is told to it by `busy`, and time stands still meanwhile.
 */
export class FakeClock implements Clock {
  #now = 0;
  #busy = 0;
  #isRunning = false;
  /** How often something was begun: time does not go on while that grows. */
  #begun = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** Every reading takes a microsecond, so that what comes later is later. */
  now(): number {
    this.#now += 0.001;
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = (settle: () => void) => {
        this.#sleepers.delete(sleeper);
        stopListening();
        settle();
      };
      const sleeper = { until: this.#now + Math.max(0, milliseconds), wake: () => leave(resolve) };
      const stopListening = onAbort(signal, (reason) => leave(() => reject(reason)));
      this.#sleepers.add(sleeper);
      this.#begun++;
      this.#run();
    });
  }

  /** Holds time while an action runs that does not go by this clock. */
  async busy<T>(action: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await action();
    } finally {
      this.#busy--;
      this.#begun++;
      this.#run();
    }
  }

  /** The clock of a part that is within a `busy` action: its sleeps do not hold time. */
  within(): Clock {
    return {
      now: () => this.now(),
      sleep: async (milliseconds, signal) => {
        this.#busy--;
        await this.sleep(milliseconds, signal).finally(() => this.#busy++);
      },
    };
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let quiet = 0;
    let begunBefore = this.#begun;
    const turn = () => {
      if (this.#busy > 0 || this.#sleepers.size === 0) {
        this.#isRunning = false;
        return;
      }
      quiet = this.#begun === begunBefore ? quiet + 1 : 0;
      begunBefore = this.#begun;
      if (quiet >= quietTurns) this.#goOn();
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  #goOn(): void {
    const next = Math.min(...Array.from(this.#sleepers, ({ until }) => until));
    this.#now = Math.max(this.#now, next);
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.until <= this.#now) sleeper.wake();
    }
    this.#begun++;
  }
}
