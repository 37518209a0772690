import { RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { Redis } from "ioredis";

// Longer than a server needs to start, shorter than a user's patience.
const connectWithin = 10_000;

/**
 * Connects to Redis by URL: `redis://user:password@host:port/db`, or `rediss://` for TLS. Commands wait while the connection
 * is lost and go out when it is back. Throws `peer-missing`, `bad-option` for another kind of URL and `server-failed` when
 * nothing answers within ten seconds; no message holds the password.
 */
export async function connectRedis(url: string): Promise<Redis> {
  const place = placeOf(url);
  const { Redis } = await importPeer("ioredis", () => import("ioredis"));
  const redis = new Redis(url, {
    lazyConnect: true,
    enableAutoPipelining: true,
    // BullMQ's workers need commands to wait for the connection, however long it is gone.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
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
  return redis;
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
