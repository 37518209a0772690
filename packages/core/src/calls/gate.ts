import { type SeededRandom, seededRandom } from "../random.ts";
import { type Clock, onAbort, systemClock } from "../waiting.ts";
import { RequestRate, type SentRequest } from "./request-rate.ts";

/** Options of a {@link Gate}. */
interface GateOptions {
  /** Most calls at the same time. */
  max: number;
  /** Milliseconds of the first pause for all, doubled for each in a row. @default 500 */
  backOff?: number;
  /** How long answers take here. @default nothing is known of it */
  times?: Pick<AnswerTimes, "unhurried">;
  /** @default the machine's */
  clock?: Clock;
}

/** How a call that had a place ended: answered, after how many milliseconds; or refused, and how long the endpoint asks to wait. */
type GateResult = { answeredAfter: number } | Refused | "timed-out" | "failed";

interface Refused {
  /** Milliseconds that the endpoint asks to wait. */
  refused: number | undefined;
  /** It was refused by an endpoint that may be back any moment. */
  isOutage?: boolean | undefined;
}

/** A place at the endpoint. */
interface Place {
  /** Gives the place back. */
  leave(result: GateResult): void;
}

const maxPause = 60_000;
// So that an endpoint which has loaded is soon used.
const maxPauseInOutage = 5000;
const maxAtFirst = 32;
// Places that one quick answer adds, so that a large concurrency is reached within a round or two.
const maxGrowth = 7;
/** Calls that are let in during one turn of the event loop. */
const maxATurn = 4;

/** A call that waits for a place. */
interface Entrant {
  admit(): void;
  refuse(error: Error): void;
}

/**
 * Admits calls at a pace that the endpoint bears. Their number at the same time begins at a quarter of the most, and grows with
 * answers: as far as they would stay quick even from a server that works on one at a time. An answer that does not come in time
 * halves it (additive increase, multiplicative decrease: Chiu and Jain 1989). Refusals set the rate, as {@link RequestRate} finds it;
 * the refused call waits for itself. Where nobody gets through, all pause, and a single call probes after each pause.
 */
export class Gate {
  readonly #max: number;
  readonly #backOff: number;
  readonly #clock: Clock;
  readonly #times: Pick<AnswerTimes, "unhurried">;
  readonly #random: SeededRandom;
  readonly #rate: RequestRate;
  /** Calls that were refused go before new ones. */
  readonly #waiting = { again: new Set<Entrant>(), first: new Set<Entrant>() };
  readonly #shut = new AbortController();
  #places: number;
  /** Below it answers add whole places, above it parts of one. */
  #threshold: number;
  #active = 0;
  #slowDowns = 0;
  #pausesInRow = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isSleeping = false;
  #isAdmitting = false;

  constructor({ max, backOff = 500, clock = systemClock, times = new AnswerTimes() }: GateOptions) {
    this.#max = max;
    this.#backOff = backOff;
    this.#clock = clock;
    this.#times = times;
    this.#random = seededRandom("gate", max);
    this.#rate = new RequestRate(clock);
    this.#places = Math.min(maxAtFirst, Math.ceil(max / 4));
    this.#threshold = max;
  }

  /** Calls admitted at the same time as things stand. */
  get limit(): number {
    return this.#pausesInRow > 0 ? 1 : Math.floor(this.#places);
  }

  /**
   * Waits for a place. Rejects with the signal's reason, or with the error the gate was shut with.
   * @param options.isAgain whether the call was refused before, and goes before new ones
   */
  enter(signal: AbortSignal, { isAgain = false }: { isAgain?: boolean } = {}): Promise<Place> {
    return new Promise((resolve, reject) => {
      if (this.#shut.signal.aborted) return reject(this.#shut.signal.reason);
      if (signal.aborted) return reject(signal.reason);
      const queue = isAgain ? this.#waiting.again : this.#waiting.first;
      const settle = (settled: () => void) => {
        queue.delete(entrant);
        stopListening();
        settled();
      };
      const entrant: Entrant = {
        admit: () => settle(() => resolve(this.#newPlace())),
        refuse: (error) => settle(() => reject(error)),
      };
      const stopListening = onAbort(signal, (reason) => settle(() => reject(reason)));
      queue.add(entrant);
      this.#admit();
    });
  }

  /** Rejects all that wait and all that come. */
  shut(error: Error): void {
    if (this.#shut.signal.aborted) return;
    this.#shut.abort(error);
    for (const queue of Object.values(this.#waiting)) for (const entrant of queue) entrant.refuse(error);
  }

  /** Lets some in, and others when the answers that have come meanwhile are read: a process that is killed loses those that are not. */
  #admit(): void {
    if (this.#isAdmitting) return;
    for (let count = 0; this.#active < this.limit; count++) {
      const [next] = this.#waiting.again.size > 0 ? this.#waiting.again : this.#waiting.first;
      if (!next) return;
      const wait = Math.max(this.#pausedUntil - this.#clock.now(), this.#rate.wait());
      if (wait > 0) {
        this.#admitAfter(wait);
        return;
      }
      if (count === maxATurn) {
        this.#admitNextTurn();
        return;
      }
      next.admit();
    }
  }
  #admitNextTurn(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    setImmediate(() => {
      this.#isAdmitting = false;
      this.#admit();
    });
  }
  #admitAfter(wait: number): void {
    if (this.#isSleeping) return;
    this.#isSleeping = true;
    const goOn = () => {
      this.#isSleeping = false;
      this.#admit();
    };
    this.#clock.sleep(wait, this.#shut.signal).then(goOn, () => {});
  }
  #newPlace(): Place {
    this.#active++;
    const slowDownsBefore = this.#slowDowns;
    const request = this.#rate.send({ places: this.limit });
    return {
      leave: (result) => {
        this.#active--;
        if (typeof result === "object" && "refused" in result) this.#refuse(request, result);
        else {
          this.#rate.accept(request);
          if (typeof result === "object") this.#speedUp(result.answeredAfter);
          // Calls that set out before the last one was late say nothing new.
          else if (result === "timed-out" && slowDownsBefore === this.#slowDowns) this.#slowDown();
        }
        this.#admitNextTurn();
      },
    };
  }
  #refuse(request: SentRequest, { refused: wait, isOutage = false }: Refused): void {
    if (this.#rate.refuse(request, { wait, places: this.limit }) !== "closed") return;
    // It grows from one call again, up to half of what was too much.
    this.#threshold = Math.max(1, this.#places / 2);
    this.#places = 1;
    this.#pausesInRow++;
    const longest = isOutage ? maxPauseInOutage : maxPause;
    const own = Math.min(longest, this.#backOff * 2 ** (this.#pausesInRow - 1)) * (0.5 + this.#random.next() / 2);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + Math.max(wait ?? 0, own));
  }
  #slowDown(): void {
    this.#slowDowns++;
    this.#threshold = Math.max(1, this.#places / 2);
    this.#places = this.#threshold;
  }
  #speedUp(milliseconds: number): void {
    this.#pausesInRow = 0;
    const { unhurried } = this.#times;
    // From a server that works on one call at a time, answers take longer in proportion to the calls.
    const bearable = Math.max(0, unhurried / Math.max(1, milliseconds) - 1);
    const growth = this.#places < this.#threshold ? maxGrowth : 1 / this.#places;
    this.#places = Math.min(this.#max, this.#places + Math.min(growth, bearable));
  }
}

/** How long an answer is waited for before any has come: what Node's fetch waits for the headers of one. */
const timeoutAtFirst = 300_000;
/** The same once answers have come, where they are quicker. */
const timeoutLater = 120_000;
const fewAnswers = 8;
// An answer may take so much longer than the slowest of those before it.
const timesSlowest = 4;
// Of answers that nobody wants any more: where it is not known how long they take, at least, and at most.
const [lingerAtFirst, shortestLinger, longestLinger] = [10_000, 1000, 60_000];
// How many answers it takes to forget a slow one, about.
const memory = 64;

/** How long answers take here, and with that how long one is waited for. */
export class AnswerTimes {
  readonly #timeout: number | undefined;
  #slowest = 0;
  #count = 0;

  /** @param timeout milliseconds that each answer is given at least. @default 300000, and 120000 once some have come */
  constructor(timeout?: number) {
    this.#timeout = timeout;
  }

  /** Notes the milliseconds that an answer has taken. */
  note(milliseconds: number): void {
    this.#count++;
    this.#slowest = Math.max(milliseconds, this.#slowest + (milliseconds - this.#slowest) / memory);
  }

  /** Milliseconds that an answer is waited for. */
  get timeout(): number {
    return Math.max(this.#least, timesSlowest * this.#slowest);
  }

  /** Milliseconds that an answer is waited for which nobody wants any more, but which is paid for. */
  get lingering(): number {
    if (this.#count === 0) return lingerAtFirst;
    return Math.min(longestLinger, Math.max(shortestLinger, timesSlowest * this.#slowest));
  }

  /** Answers that take longer than this are near the end of what is waited for: more calls at once would pass it. */
  get unhurried(): number {
    return this.#least / timesSlowest;
  }

  get #least(): number {
    return this.#timeout ?? (this.#count < fewAnswers ? timeoutAtFirst : timeoutLater);
  }
}
