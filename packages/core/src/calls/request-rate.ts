import type { Clock } from "../waiting.ts";

/** A request, as the rate remembers it. */
export interface SentRequest {
  readonly at: number;
  readonly epoch: number;
  outcome?: "accepted" | "refused";
}

/** What a refused call means for the others: they go on, or none gets through and all wait. */
export type RefusalVerdict = "goes-on" | "closed";

/**
 * How requests are sent: as they come; at a rate that grows until it meets a limit; below one that was met; or at a part of what got
 * through, to see whether refusals go away with the pace.
 */
type Mode =
  | { is: "free" | "searching" }
  | { is: "limited"; limit: number }
  | { is: "trial"; through: number; share: number; number: number };

/** A mode, and the requests a second that it begins with. */
interface Pace {
  mode: Mode;
  perSecond: number;
}

const free: Pace = { mode: { is: "free" }, perSecond: Number.POSITIVE_INFINITY };

// Requests that are looked at together.
const maxKnown = 32;
const maxRemembered = 1024;
// What got through is counted over a second at least, and over what endpoints ask to wait, as far as that may be their period.
const minPeriod = 1000;
const maxToldPeriod = 5000;
// Requests of a trial at most. It ends earlier once so many went unrefused that, at the share refused before, chance alone would hardly explain it.
const trialRequests = 20;
const chanceOfNone = 0.03;
const trialPart = 0.7;
const maxTrials = 2;
const largeShare = 0.35;
// How far below a limit the rate stays, so that the limit is not met again at once.
const safePart = 0.95;
// Refusals in a row that come by chance once in a thousand, where a quarter of all is refused.
const chanceOfRow = 0.001;
const minAssumedShare = 0.25;
const maxAssumedShare = 0.95;
// Milliseconds between two requests that nothing else keeps apart, and those by which timers are late.
const [maxSpread, timerSlack] = [20, 2];
const [minSettling, maxSettling] = [20, 1000];
const [firstStep, maxStep] = [0.02, 1];

/**
 * Finds the rate of requests that an endpoint takes, by the share of them that it refuses. When more is refused than usual, requests
 * are sent evenly, and then for a trial at a part of the rate that got through. Where refusals go on, as behind a gateway that
 * refuses every fifth request whatever comes, they are the usual share, and no pace changes it. Where they are gone there is a
 * limit: the rate stays a little below it, and grows while it is calm.
 */
export class RequestRate {
  readonly #clock: Clock;
  #mode: Mode = free.mode;
  #perSecond = free.perSecond;
  #nextAt = Number.NEGATIVE_INFINITY;
  #usualShare = 0;
  /** Grows with every change of the rate: what was sent before says nothing of it. */
  #epoch = 0;
  /** The last requests, in the order in which they were sent. */
  #sent: SentRequest[] = [];
  /** Until when what is on the wire is waited for, before the rate is changed, and since when. */
  #settling: { since: number; until: number } | undefined;
  /** Milliseconds that answers take, about. */
  #latency = 0;
  #toldWait = 0;
  #closedInRow = 0;
  #calm = { since: 0, answers: 0, step: firstStep };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next request may be sent. */
  wait(): number {
    const now = this.#clock.now();
    if (this.#settling) {
      const { since, until } = this.#settling;
      if (now < until) return until - now;
      this.#settling = undefined;
      this.#enter(this.#slowedDown(since));
    }
    return Math.max(0, this.#nextAt - timerSlack - now);
  }

  /**
   * Notes that a request goes out.
   * @param options.places calls admitted at the same time
   */
  send({ places }: { places: number }): SentRequest {
    const now = this.#clock.now();
    // Requests that go out together are answered together, and most of what a killed process loses is what has come and is not read.
    const spread = Math.min(maxSpread, this.#latency / (2 * places));
    this.#nextAt = Math.max(now, this.#nextAt) + Math.max(spread, 1000 / this.#perSecond);
    const request: SentRequest = { at: now, epoch: this.#epoch };
    this.#sent.push(request);
    if (this.#sent.length > maxRemembered) this.#sent = this.#sent.slice(-maxRemembered / 2);
    return request;
  }

  /** Notes that a request was not refused. */
  accept(request: SentRequest): void {
    const now = this.#clock.now();
    request.outcome = "accepted";
    this.#latency += (now - request.at - this.#latency) / 8;
    if (request.epoch !== this.#epoch || this.#settling) return;
    this.#closedInRow = 0;
    if (this.#mode.is === "trial") this.#endTrial(this.#mode);
    else this.#growInCalm(now);
  }

  /**
   * Notes that a request was refused.
   * @param options.wait milliseconds that the endpoint asks to wait
   * @param options.places calls admitted at the same time
   */
  refuse(request: SentRequest, { wait = 0, places }: { wait?: number | undefined; places: number }): RefusalVerdict {
    request.outcome = "refused";
    if (request.epoch !== this.#epoch || this.#settling) return "goes-on";
    const now = this.#clock.now();
    this.#toldWait = Math.min(maxToldPeriod, Math.max(wait, this.#toldWait));
    const known = this.#known();
    const isClosed = this.#isClosed(known, places);
    const isExcess = this.#isExcess(known);
    const getsNobody = this.#perPeriod(now, isThrough) === 0;
    if (this.#closedInRow > 0 ? isClosed || (isExcess && getsNobody) : isClosed && getsNobody) {
      this.#closedInRow++;
      this.#newEpoch();
      return "closed";
    }
    if (isClosed && this.#mode.is !== "free") this.#closedInRow++;
    if (this.#mode.is === "trial") this.#endTrial(this.#mode);
    else if (isClosed || isExcess) {
      const settling = Math.min(maxSettling, Math.max(minSettling, 1.5 * (now - request.at)));
      this.#settling = { since: now, until: now + settling };
    }
    return "goes-on";
  }

  /** The last requests of this epoch, newest first, without those that set out after the last one of which anything is known. */
  #known(): SentRequest[] {
    const last = this.#sent.findLastIndex(({ outcome }) => outcome !== undefined);
    const known: SentRequest[] = [];
    for (let at = last; at >= 0 && known.length < maxKnown && this.#sent[at]!.epoch === this.#epoch; at--)
      known.push(this.#sent[at]!);
    return known;
  }

  /** Whether more refusals came in a row than chance brings, or all that could be sent was refused. */
  #isClosed(known: readonly SentRequest[], places: number): boolean {
    const share = Math.min(maxAssumedShare, Math.max(minAssumedShare, this.#usualShare));
    const inRow = known.findIndex(isThrough);
    const byChance = Math.ceil(Math.log(chanceOfRow) / Math.log(share));
    return (inRow < 0 ? known.length : inRow) >= Math.min(byChance, Math.max(1, places));
  }

  /** Whether more is refused than usual, by two standard deviations and two requests. */
  #isExcess(known: readonly SentRequest[]): boolean {
    const share = this.#usualShare;
    const usual = known.length * share;
    return known.filter(isRefused).length > usual + 2 * Math.sqrt(usual * (1 - share)) + 2;
  }

  /** Requests a second lately, of those that are counted; none that set out after the last one of which anything is known. */
  #perPeriod(now: number, isCounted: (request: SentRequest) => boolean): number {
    const span = now - (this.#known().at(-1)?.at ?? now);
    const period = Math.max(minPeriod, this.#toldWait, 2 * this.#latency, span);
    const last = this.#sent.findLastIndex(({ outcome }) => outcome !== undefined);
    const within = this.#sent.slice(0, last + 1).filter(({ at }) => at >= now - period);
    return (within.filter(isCounted).length / period) * 1000;
  }

  /** What follows from refusals that are not usual, when all that was on the wire is known. */
  #slowedDown(since: number): Pace {
    const known = this.#known();
    const share = known.filter(isRefused).length / Math.max(1, known.length);
    const lately = this.#perPeriod(since, isThrough);
    if (lately === 0) {
      // Where nobody gets through there is no rate; one call will probe, when the next is refused.
      this.#closedInRow++;
      return free;
    }
    // What was sent in a burst says nothing of a rate: as much is spread first.
    if (this.#mode.is === "free") return { mode: { is: "searching" }, perSecond: this.#perPeriod(since, () => true) };
    const through = Math.max((1 - share) * this.#perSecond, lately);
    const isNear = this.#mode.is === "limited" && through > trialPart * this.#mode.limit && this.#calm.step > firstStep;
    if (isNear) return limitedTo(through);
    return { mode: { is: "trial", through, share, number: 1 }, perSecond: trialPart * through };
  }

  #endTrial(trial: Mode & { is: "trial" }): void {
    const next = this.#judgedTrial(trial);
    if (next) this.#enter(next);
  }

  /** What follows from a trial that has seen enough; undefined for one that has not. */
  #judgedTrial({ through, share, number }: Mode & { is: "trial" }): Pace | undefined {
    const known = this.#known();
    // What is refused before anything gets through still belongs to what was before.
    while (known.at(-1)?.outcome === "refused") known.pop();
    const refused = known.filter(isRefused).length;
    const isPlain = refused === 0 && (1 - share) ** known.length < chanceOfNone;
    if (known.length < trialRequests && !isPlain) return undefined;
    this.#toldWait = 0;
    this.#usualShare = 0;
    if (refused === 0) return limitedTo(through);
    const shareNow = refused / known.length;
    // What got through before may have been a store that is empty now: of a large share another trial is made.
    if (number < maxTrials && (shareNow > largeShare || shareNow < trialPart * share)) {
      const less = Math.max(1 / known.length, 1 - shareNow) * this.#perSecond;
      return {
        mode: { is: "trial", through: less, share: shareNow, number: number + 1 },
        perSecond: trialPart * less,
      };
    }
    this.#usualShare = shareNow;
    return free;
  }

  /** Doubles the rate until a limit is met, and grows below one by steps that double, with every second that holds enough answers. */
  #growInCalm(now: number): void {
    const calm = this.#calm;
    calm.answers++;
    if (this.#mode.is === "free") this.#followShare();
    else if (calm.answers < trialRequests) return;
    else if (this.#mode.is === "searching") this.#enter({ mode: this.#mode, perSecond: 2 * this.#perSecond });
    else if (now - calm.since >= minPeriod) {
      this.#perSecond *= 1 + calm.step;
      this.#calm = { since: now, answers: 0, step: Math.min(maxStep, 2 * calm.step) };
    }
  }

  /** Lets the usual share follow what is refused while all goes on as usual. */
  #followShare(): void {
    if (this.#usualShare === 0 || this.#calm.answers < maxKnown) return;
    const known = this.#known();
    this.#usualShare = (3 * this.#usualShare + known.filter(isRefused).length / known.length) / 4;
    this.#calm.answers = 0;
  }
  #enter({ mode, perSecond }: Pace): void {
    this.#mode = mode;
    this.#perSecond = perSecond;
    this.#nextAt = this.#clock.now();
    this.#newEpoch();
  }
  #newEpoch(): void {
    this.#epoch++;
    this.#calm = { since: this.#clock.now(), answers: 0, step: firstStep };
  }
}

function limitedTo(limit: number): Pace {
  return { mode: { is: "limited", limit }, perSecond: safePart * limit };
}

const isRefused = ({ outcome }: SentRequest) => outcome === "refused";
/** Those on the wire are taken for such. */
const isThrough = (request: SentRequest) => !isRefused(request);
