/** How long an answer is waited for before any has come: what Node's fetch waits for the headers of one. */
const timeoutAtFirst = 300_000;
/** The same once answers have come, where they are quicker. */
const timeoutLater = 120_000;
const fewAnswers = 8;
// An answer may take so much longer than the slowest of those before it.
const timesSlowest = 4;
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

  /** Answers that take longer than this are near the end of what is waited for: more calls at once would pass it. */
  get unhurried(): number {
    return this.#least / timesSlowest;
  }

  get #least(): number {
    return this.#timeout ?? (this.#count < fewAnswers ? timeoutAtFirst : timeoutLater);
  }
}
