import { type Closable, RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { Redis } from "ioredis";

// Longer than a server needs to start, shorter than a user's patience.
const connectWithin = 10_000;
// Milliseconds between two attempts to connect again, at most.
const longestPause = 2000;
// Looks, a second apart, at a Redis that is away before closing goes on without it.
const patience = 3;

/** A connection that comes back by itself. */
export interface RedisConnection {
  redis: Redis;
  /** Lets go of a server that stays away: this connection and its duplicates end, and what waits for them is rejected. */
  giveUp(): void;
}

/**
 * Connects to Redis by URL: `redis://user:password@host:port/db`, or `rediss://` for TLS. Commands wait while the connection
 * is lost and go out when it is back. Throws `peer-missing`, `bad-option` for another kind of URL and `server-failed` when
 * nothing answers within ten seconds; no message holds the password.
 */
export async function connectRedis(url: string): Promise<RedisConnection> {
  const place = placeOf(url);
  const { Redis } = await importPeer("ioredis", () => import("ioredis"));
  // Disconnecting while a connection is lost would leave its commands waiting for ever.
  let isGivenUp = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableAutoPipelining: true,
    // BullMQ's workers need commands to wait for the connection, however long it is gone.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => (isGivenUp ? null : Math.min(50 * 2 ** Math.min(times, 6), longestPause)),
  });
  // Each lost connection is an error event; what cannot wait is told by the commands themselves.
  let last: Error | undefined;
  redis.on("error", (error: Error) => {
    last = error;
  });
  try {
    await withinTime(redis.connect().then(() => redis.ping()));
  } catch (error) {
    redis.disconnect();
    const why = (last ?? (error as Error)).message;
    throw new RagInstructError("server-failed", `cannot use Redis at ${place}: ${why}; check the URL and the password`);
  }
  return {
    redis,
    giveUp() {
      isGivenUp = true;
    },
  };
}

/** Closes what is held over a connection. Last commands wait for a Redis that is away; when it stays away, they are given up. */
export async function closeOver({ redis, giveUp }: RedisConnection, held: Closable): Promise<void> {
  const { promise: givenUp, resolve } = Promise.withResolvers<void>();
  let away = 0;
  const timer = setInterval(() => {
    away = redis.status === "ready" ? 0 : away + 1;
    if (away === patience) giveUp();
    // Its last commands have been rejected by then; BullMQ may wait for ever for the end of a lost connection.
    if (away === 2 * patience) resolve();
  }, longestPause / 2);
  try {
    await Promise.race([held.close(), givenUp]);
  } finally {
    clearInterval(timer);
  }
}

/** Host, port and database of a URL, without user and password. Throws `bad-option`. */
export function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^rediss?:$/.test(parsed.protocol)) {
    throw new RagInstructError("bad-option", "the address of Redis must be a URL such as redis://127.0.0.1:6379");
  }
  return `${parsed.host || "127.0.0.1:6379"}${parsed.pathname === "/" ? "" : parsed.pathname}`;
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${connectWithin / 1000} s`)), connectWithin);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
