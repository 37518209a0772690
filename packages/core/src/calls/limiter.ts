import type { Limiter } from "../plug-points.ts";
import { type Clock, onAbort, systemClock } from "../waiting.ts";
import { rateHeaders } from "./rate-headers.ts";

/** What an endpoint allows in a minute; what is not given is not limited. */
export interface RateLimits {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

/** What is known of one model's limits, and the call that is next. */
interface ModelQueue {
  headroom: Headroom;
  turn: Promise<unknown>;
  underWay: number;
  /** Told when no call is under way any more. */
  onIdle?: () => void;
}

/** What a call asks of the limiter. */
type Asked = Omit<Parameters<Limiter["acquire"]>[0], "model">;

/**
 * A limiter in memory: two token buckets that hold a tenth of a minute's worth, so that a burst does not use up a minute,
 * and what the endpoint's headers say is left for each model. Calls to one model are admitted in the order in which they came.
 */
export function memoryLimiter(
  { requestsPerMinute, tokensPerMinute }: RateLimits = {},
  { clock = systemClock }: { clock?: Clock } = {},
): Limiter {
  const requestBucket = requestsPerMinute === undefined ? undefined : tokenBucket(requestsPerMinute, clock);
  const tokensBucket = tokensPerMinute === undefined ? undefined : tokenBucket(tokensPerMinute, clock);
  const queues = new Map<string, ModelQueue>();

  function queueOf(model: string): ModelQueue {
    const queue = queues.get(model) ?? { headroom: createHeadroom(clock), turn: Promise.resolve(), underWay: 0 };
    queues.set(model, queue);
    return queue;
  }
  async function admit(queue: ModelQueue, { tokens, signal, onWait }: Asked): Promise<void> {
    const { headroom } = queue;
    signal?.throwIfAborted();
    const wait = Math.max(requestBucket?.take(1) ?? 0, tokensBucket?.take(tokens) ?? 0);
    try {
      if (wait > 0) await clock.sleep(wait, signal);
      for (let left = headroom.waitFor(tokens); left > 0; left = headroom.waitFor(tokens)) {
        const isBelieved = onWait?.(left) !== false;
        if (!isBelieved && queue.underWay === 0) break;
        await (isBelieved ? clock.sleep(Math.min(left, maxSleep), signal) : untilIdle(queue, signal));
      }
    } catch (error) {
      requestBucket?.giveBack(1);
      tokensBucket?.giveBack(tokens);
      throw signal?.aborted ? signal.reason : error;
    }
    headroom.send(tokens);
    queue.underWay++;
  }
  return {
    async acquire({ tokens, model = "", signal, onWait }) {
      const queue = queueOf(model);
      const mine = queue.turn.then(() => admit(queue, { tokens, signal, onWait }));
      queue.turn = mine.catch(() => {});
      await mine;
      return {
        release(used) {
          if (used) tokensBucket?.giveBack(tokens - used.tokens);
          if (--queue.underWay === 0) queue.onIdle?.();
        },
      };
    },
    observe(headers, { model = "", sentAt = clock.now() } = {}) {
      queueOf(model).headroom.observe(headers, sentAt);
    },
  };
}

/** Waits until no call of a model is under way; one that may start waits at a time. */
function untilIdle(queue: ModelQueue, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (settle: () => void) => {
      queue.onIdle = undefined;
      stopListening();
      settle();
    };
    queue.onIdle = () => leave(resolve);
    const stopListening = onAbort(signal, (reason) => leave(() => reject(reason)));
  });
}

// Milliseconds after which a wait is calculated again, because a newer answer may have changed the limits.
const maxSleep = 60_000;

function tokenBucket(
  perMinute: number,
  clock: Clock,
): { take(amount: number): number; giveBack(amount: number): void } {
  const perMillisecond = perMinute / 60_000;
  const capacity = perMinute / 10;
  let level = capacity;
  let at = clock.now();
  const refill = () => {
    const now = clock.now();
    level = Math.min(capacity, level + (now - at) * perMillisecond);
    at = now;
  };
  return {
    /** Takes the amount, even below zero, and gives the milliseconds to wait until it is covered. */
    take(amount) {
      refill();
      level -= amount;
      return level >= 0 ? 0 : -level / perMillisecond;
    },
    giveBack(amount) {
      level = Math.min(capacity, level + amount);
    },
  };
}

/** What an endpoint has said is left of its limits for one model, less what was sent since. */
interface Headroom {
  /** Milliseconds until a call of so many tokens fits; 0 when it does. */
  waitFor(tokens: number): number;
  /** Notes that a call goes out. */
  send(tokens: number): void;
  /** Takes note of the headers that answer a call sent at that time. */
  observe(headers: Readonly<Record<string, string>>, sentAt: number): void;
}

interface Meter {
  remaining: number;
  resetAt: number;
  sentAt: number;
}

const maxInFlight = 4096;
// A reset told as a time of day goes by the endpoint's clock, and a call that comes too early is refused: so many milliseconds are added.
const resetSlack = 100;

/**
 * Keeps the newest statement about requests and about tokens. The endpoint counted the calls up to the one it answered; those sent
 * later are taken off.
 */
function createHeadroom(clock: Clock): Headroom {
  const meters = new Map<"requests" | "tokens", Meter>();
  let sent: { at: number; tokens: number }[] = [];

  function sentSince(time: number, what: "requests" | "tokens"): number {
    return sent.reduce((sum, { at, tokens }) => (at > time ? sum + (what === "requests" ? 1 : tokens) : sum), 0);
  }
  return {
    waitFor(tokens) {
      const now = clock.now();
      let wait = 0;
      for (const [what, { remaining, resetAt, sentAt }] of meters) {
        if (resetAt <= now) meters.delete(what);
        else if (remaining - sentSince(sentAt, what) < (what === "requests" ? 1 : tokens))
          wait = Math.max(wait, resetAt - now);
      }
      return wait;
    },
    send(tokens) {
      sent.push({ at: clock.now(), tokens });
      // Where the endpoint states no limits, nothing else removes the old ones.
      if (meters.size === 0 && sent.length > 2 * maxInFlight) sent = sent.slice(-maxInFlight);
    },
    observe(headers, sentAt) {
      const now = clock.now();
      for (const [what, { remaining, reset }] of Object.entries(rateHeaders(headers))) {
        const known = meters.get(what as "requests" | "tokens");
        if (known && known.sentAt > sentAt) continue;
        meters.set(what as "requests" | "tokens", { remaining, resetAt: now + reset + resetSlack, sentAt });
      }
      const oldest = Math.min(...[...meters.values()].map((meter) => meter.sentAt));
      sent = sent.filter(({ at }) => at > oldest);
    },
  };
}
