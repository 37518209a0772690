import { RagInstructError } from "../errors.ts";
import { amount } from "../in-words.ts";
import type { Clock } from "../waiting.ts";
import type { Failure } from "./failure.ts";

/** Options of {@link EndpointHealth}. */
export interface HealthOptions {
  /** Calls in a row that fail for good before all stop. */
  breakAfter: number;
  /** Milliseconds without any answer before all stop. */
  patience: number;
  clock: Clock;
  /** Told in a few words what is waited for and until when, and `undefined` when an answer comes again. */
  onWait?: (note: string | undefined) => void;
}

// Shorter waits are ordinary and are not reported.
const minNoted = 2000;
// A limit by the minute has been reset by then.
const maxBelieved = 61_000;
// From this wait on, a time of day is reported with its date.
const farAway = 21_600_000;

// Answers that hold no completion before the address counts as no endpoint, where none was good: a gateway's hiccup is over by then, and each answer may be charged.
const maxNoAnswers = 8;

// How much a new attempt weighs in the share of those that fail.
const newest = 1 / 32;
// A call is not given up for a row of failures that chance brings more often than this.
const rarely = 1e-5;

/** What the calls of a run have shown of their endpoint, and when that is enough to stop them all. */
export class EndpointHealth {
  readonly #options: HealthOptions;
  /** Models of which some endpoint has answered anything. */
  readonly #answering = new Set<string>();
  #failuresInRow = 0;
  #failingSince: number | undefined;
  #succeededAt = Number.NEGATIVE_INFINITY;
  /** Share of the last attempts that failed and might have gone well. */
  #failingShare = 0;
  #hasNoted = false;
  /** Answers in a row that were none, before the first that was one. */
  #noAnswers = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Notes that a call was answered well. */
  succeed(model: string): void {
    this.#answering.add(model);
    this.#failuresInRow = 0;
    this.#noAnswers = Number.NEGATIVE_INFINITY;
    this.#failingSince = undefined;
    this.#succeededAt = this.#options.clock.now();
    this.#failingShare *= 1 - newest;
    this.#note(undefined);
  }

  /**
   * Attempts that a call is worth: `attempts`, or more, up to `most`, where other calls succeed and the share of attempts that fail is
   * such that one call may fail as often by chance.
   * @param options.since when the call was made
   */
  attemptsWorth(attempts: number, { most, since }: { most: number; since: number }): number {
    if (!this.hasSucceededSince(since)) return attempts;
    return Math.min(most, Math.max(attempts, Math.ceil(Math.log(rarely) / Math.log(this.#failingShare))));
  }

  /** Whether any call has succeeded since that moment. */
  hasSucceededSince(moment: number): boolean {
    return this.#succeededAt >= moment;
  }

  /** Notes a failure; the result is hopeless where no call is worth making any more. */
  judge(failure: Failure, model: string): Failure {
    if (failure.headers) this.#answering.add(model);
    if (failure.kind === "rejected" || failure.kind === "hopeless") return failure;
    if (failure.kind === "transient") this.#failingShare += newest * (1 - this.#failingShare);
    if (failure.kind === "transient" && failure.nobodyAt !== undefined && !this.#answering.has(model)) {
      return stop(`no server listens at ${failure.nobodyAt}; start it, or mend the base URL`, failure);
    }
    if (failure.isNoAnswer && ++this.#noAnswers >= maxNoAnswers)
      return stop("nothing there speaks OpenAI's API; mend the base URL, which often ends in /v1", failure);
    const { patience, clock } = this.#options;
    this.#failingSince ??= clock.now();
    const waited = clock.now() - this.#failingSince;
    const { wait = 0 } = failure;
    if (waited >= patience) return stop(`no call has succeeded for ${seconds(waited)}`, failure);
    if (wait > patience) return stop(`the endpoint asks to wait ${seconds(wait)}, until ${moment(wait)}`, failure);
    if (waited + wait > patience) {
      return stop(
        `no call has succeeded for ${seconds(waited)}, and the endpoint asks to wait ${seconds(wait)}`,
        failure,
      );
    }
    if (failure.kind === "overloaded" && wait >= minNoted) this.#note(`waits for the rate limit until ${moment(wait)}`);
    else if (failure.isOutage) {
      const rest = moment(patience - waited);
      this.#note(`the endpoint has not answered for ${seconds(waited)} and is waited for until ${rest}`);
    }
    return failure;
  }

  /**
   * Notes a wait for a limit that a good answer has told. Gives false where it is too long to be believed before a refusal confirms it:
   * gateways pass on headers that mean something else.
   */
  await(milliseconds: number): boolean {
    const { patience, clock } = this.#options;
    const waited = this.#failingSince === undefined ? 0 : clock.now() - this.#failingSince;
    const isBelieved = milliseconds <= maxBelieved && waited + milliseconds <= patience;
    if (!isBelieved)
      this.#note(`one call at a time, for the endpoint says it has no room until ${moment(milliseconds)}`);
    else if (milliseconds >= minNoted) this.#note(`waits for the rate limit until ${moment(milliseconds)}`);
    return isBelieved;
  }

  /** Counts a call that is given up; the result is why all stop, where that is so. */
  giveUp(cause: Error): RagInstructError | undefined {
    if (++this.#failuresInRow < this.#options.breakAfter) return undefined;
    const broken = `${amount(this.#failuresInRow, "call")} in a row failed, the last one: ${cause.message}`;
    return new RagInstructError("breaker-open", broken, { cause });
  }

  #note(note: string | undefined): void {
    if (note === undefined && !this.#hasNoted) return;
    this.#hasNoted = note !== undefined;
    this.#options.onWait?.(note);
  }
}

function stop(why: string, { error }: Failure): Failure {
  const message = `${why}, the last call: ${error.message}`;
  const stopped = new RagInstructError("breaker-open", message, { cause: error });
  return { kind: "hopeless", fault: "endpoint", mayBePaid: false, error: stopped };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}

// The last one that a Date can hold.
const lastMoment = 8.64e15;

/** The time of day in this many milliseconds, with the date where that is far away. */
function moment(milliseconds: number): string {
  const [day, time = ""] = new Date(Math.min(Date.now() + milliseconds, lastMoment)).toISOString().split("T");
  const shown = `${time.slice(0, 8)} UTC`;
  return milliseconds > farAway || day !== new Date().toISOString().slice(0, 10) ? `${day} ${shown}` : shown;
}
