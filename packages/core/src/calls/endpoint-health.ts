import { RagInstructError } from "../errors.ts";
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
// From this wait on, a time of day is reported with its date.
const farAway = 21_600_000;

/** What the calls of a run have shown of their endpoint, and when that is enough to stop them all. */
export class EndpointHealth {
  readonly #options: HealthOptions;
  /** Models of which some endpoint has answered anything. */
  readonly #answering = new Set<string>();
  #failuresInRow = 0;
  #failingSince: number | undefined;
  #succeededAt = Number.NEGATIVE_INFINITY;
  #hasNoted = false;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Notes that a call was answered well. */
  succeed(model: string): void {
    this.#answering.add(model);
    this.#failuresInRow = 0;
    this.#failingSince = undefined;
    this.#succeededAt = this.#options.clock.now();
    this.#note(undefined);
  }

  /** Whether any call has succeeded since that moment. */
  hasSucceededSince(moment: number): boolean {
    return this.#succeededAt >= moment;
  }

  /** Notes a failure; the result is hopeless where no call is worth making any more. */
  judge(failure: Failure, model: string): Failure {
    if (failure.headers) this.#answering.add(model);
    if (failure.kind === "rejected" || failure.kind === "hopeless") return failure;
    if (failure.kind === "transient" && failure.nobodyAt !== undefined && !this.#answering.has(model)) {
      return stop(`no server listens at ${failure.nobodyAt}; start it, or mend the base URL`, failure);
    }
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

  /** Notes a wait for a limit that the endpoint has told; throws `breaker-open` where it is longer than patience. */
  await(milliseconds: number): void {
    const { patience, clock } = this.#options;
    const waited = this.#failingSince === undefined ? 0 : clock.now() - this.#failingSince;
    if (waited + milliseconds > patience) {
      const until = `until ${moment(milliseconds)}, in ${seconds(milliseconds)}`;
      throw new RagInstructError("breaker-open", `the endpoint's limit is used up ${until}; run again then`);
    }
    if (milliseconds >= minNoted) this.#note(`waits for the rate limit until ${moment(milliseconds)}`);
  }

  /** Counts a call that is given up; the result is why all stop, where that is so. */
  giveUp(cause: Error): RagInstructError | undefined {
    if (++this.#failuresInRow < this.#options.breakAfter) return undefined;
    const broken = `${this.#failuresInRow} calls in a row failed, the last one: ${cause.message}`;
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

/** The time of day after so many milliseconds, with its day where that is far. */
function moment(milliseconds: number): string {
  const [day, time = ""] = new Date(Date.now() + milliseconds).toISOString().split("T");
  const shown = `${time.slice(0, 8)} UTC`;
  return milliseconds > farAway || day !== new Date().toISOString().slice(0, 10) ? `${day} ${shown}` : shown;
}
