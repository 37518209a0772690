import { describe, expect, it } from "vitest";
import { hasRedis, testRedis } from "../test/redis-server.ts";
import { redisLimiter } from "./run-workers.ts";

describe.skipIf(!hasRedis)("a limiter over Redis (redis-server is not installed)", () => {
  it("holds one rate for all who share an endpoint", async () => {
    await using redis = await testRedis();
    const options = { redis: redis.url, endpoint: "http://127.0.0.1/v1", limits: { requestsPerMinute: 60 } };
    await using one = await redisLimiter(options);
    await using two = await redisLimiter(options);
    await using elsewhere = await redisLimiter({ ...options, endpoint: "http://127.0.0.2/v1" });
    const start = performance.now();
    // A tenth of a minute's worth is free: 6. The other 2 take two seconds at one a second.
    await Promise.all(Array.from({ length: 8 }, (_, n) => (n % 2 ? one : two).acquire({ tokens: 0 })));
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(1800);
    // From the same endpoint, 6 more would take six seconds.
    await Promise.all(Array.from({ length: 6 }, () => elsewhere.acquire({ tokens: 0 })));
    expect(performance.now() - start - took).toBeLessThan(5000);
  });

  it("gives back what was not used, and what was waited for in vain", async () => {
    await using redis = await testRedis();
    const options = { redis: redis.url, endpoint: "e", limits: { tokensPerMinute: 6000 } };
    await using limiter = await redisLimiter(options);
    const place = await limiter.acquire({ tokens: 600 });
    place.release({ tokens: 100 });
    await limiter.acquire({ tokens: 500 });
    const waiting = limiter.acquire({ tokens: 600, signal: AbortSignal.timeout(100) });
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    const start = performance.now();
    await limiter.acquire({ tokens: 50 });
    // Half a second; six more if what was waited for in vain were still held.
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
