import { setTimeout as sleep } from "node:timers/promises";
import type { Limiter } from "../plug-points.ts";
import { createHeadroom, type Headroom } from "./headroom.ts";

/** What an endpoint allows in a minute; what is not given is not limited. */
export interface RateLimits {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

interface Lane {
  headroom: Headroom;
  turn: Promise<unknown>;
}

/**
 * A limiter in memory: two token buckets that hold a tenth of a minute's worth, so that a burst does not use up a minute,
 * and what the endpoint's headers say is left for each model. Calls to one model are admitted in the order in which they came.
 */
export function memoryLimiter({ requestsPerMinute, tokensPerMinute }: RateLimits = {}): Limiter {
  const requestBucket = requestsPerMinute === undefined ? undefined : tokenBucket(requestsPerMinute);
  const tokensBucket = tokensPerMinute === undefined ? undefined : tokenBucket(tokensPerMinute);
  const lanes = new Map<string, Lane>();

  function laneOf(model: string): Lane {
    const lane = lanes.get(model) ?? { headroom: createHeadroom(), turn: Promise.resolve() };
    lanes.set(model, lane);
    return lane;
  }
  async function admit({ headroom }: Lane, tokens: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const wait = Math.max(requestBucket?.take(1) ?? 0, tokensBucket?.take(tokens) ?? 0);
    try {
      if (wait > 0) await sleep(wait, undefined, signal ? { signal } : {});
      for (let left = headroom.waitFor(tokens); left > 0; left = headroom.waitFor(tokens)) {
        await sleep(Math.min(left, longestSleep), undefined, signal ? { signal } : {});
      }
    } catch (error) {
      requestBucket?.giveBack(1);
      tokensBucket?.giveBack(tokens);
      throw signal?.aborted ? signal.reason : error;
    }
    headroom.send(tokens);
  }
  return {
    async acquire({ tokens, model = "", signal }) {
      const lane = laneOf(model);
      const mine = lane.turn.then(() => admit(lane, tokens, signal));
      lane.turn = mine.catch(() => {});
      await mine;
      return { release: (used) => used && tokensBucket?.giveBack(tokens - used.tokens) };
    },
    observe(headers, { model = "", sentAt = performance.now() } = {}) {
      laneOf(model).headroom.observe(headers, sentAt);
    },
  };
}

// Longer waits are looked at again: a newer answer may say otherwise, and timers hold no more than 24 days.
const longestSleep = 60_000;

function tokenBucket(perMinute: number): { take(amount: number): number; giveBack(amount: number): void } {
  const perMillisecond = perMinute / 60_000;
  const capacity = perMinute / 10;
  let level = capacity;
  let at = performance.now();
  const refill = () => {
    const now = performance.now();
    level = Math.min(capacity, level + (now - at) * perMillisecond);
    at = now;
  };
  return {
    /** Takes the amount, into the red if need be, and says how many milliseconds to wait for it. */
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
