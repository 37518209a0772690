import { setTimeout as sleep } from "node:timers/promises";
import type { Limiter } from "../plug-points.ts";

/** What an endpoint allows in a minute; what is not given is not limited. */
export interface RateLimits {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

/**
 * A limiter in memory: two token buckets that hold a minute's worth at most a tenth full at the start, so that a burst
 * does not use up the first minute. Calls are admitted in the order in which they came.
 */
export function memoryLimiter({ requestsPerMinute, tokensPerMinute }: RateLimits): Limiter {
  const buckets = [
    ...(requestsPerMinute === undefined ? [] : [{ bucket: tokenBucket(requestsPerMinute), needs: () => 1 }]),
    ...(tokensPerMinute === undefined
      ? []
      : [{ bucket: tokenBucket(tokensPerMinute), needs: (tokens: number) => tokens }]),
  ];
  let turn: Promise<unknown> = Promise.resolve();

  async function takeAll(tokens: number, signal: AbortSignal | undefined): Promise<void> {
    for (const { bucket, needs } of buckets) {
      const wait = bucket.take(needs(tokens));
      if (wait > 0) await sleep(wait, undefined, signal ? { signal } : {});
    }
  }
  return {
    async acquire({ tokens, signal }) {
      const mine = turn.then(() => takeAll(tokens, signal));
      turn = mine.catch(() => {});
      await mine;
      return {
        release(used) {
          if (!used) return;
          for (const { bucket, needs } of buckets) bucket.giveBack(needs(tokens) - needs(used.tokens));
        },
      };
    },
  };
}

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
