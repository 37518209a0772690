import {
  type CheckOutcome,
  type Closable,
  checkOutcome,
  isLoopback,
  programName,
  RagInstructError,
} from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { Redis } from "ioredis";
import { type Member, membersOf } from "./presence.ts";
import { version } from "./protocol.ts";

// Longer than a server needs to start, shorter than a user's patience.
const connectWithin = 10_000;
// Milliseconds between two attempts to connect again, at most.
const maxPause = 2000;
// Looks, a second apart, at a Redis that is away before closing goes on without it.
const maxLooks = 3;

/**
 * A connection to Redis that comes back by itself, and what is held over it. `close` lets go of what is held in the opposite order;
 * last commands wait for a Redis that is away, and are given up when it stays away.
 * @internal Published types must not ask for ioredis, which may not be installed.
 */
export class RedisConnection implements Closable {
  readonly redis: Redis;
  readonly #closers: (() => unknown)[] = [];
  #isGivenUp = false;
  #lastError: Error | undefined;

  /** Does not connect yet. */
  constructor(url: string, Client: typeof Redis) {
    this.redis = new Client(url, {
      lazyConnect: true,
      enableAutoPipelining: true,
      // BullMQ's workers need commands to wait for the connection, however long it is gone.
      maxRetriesPerRequest: null,
      // Disconnecting while a connection is lost would leave its commands waiting for ever: it is given up here instead.
      retryStrategy: (times: number) => (this.#isGivenUp ? null : Math.min(50 * 2 ** Math.min(times, 6), maxPause)),
    });
    // Each lost connection is an error event. Commands that cannot wait for the next one reject by themselves.
    this.redis.on("error", (error: Error) => {
      this.#lastError = error;
    });
  }

  /** Connects. Throws what went wrong, or that nothing answered in time. */
  async open(): Promise<void> {
    try {
      await withinTime(this.redis.connect().then(() => this.redis.ping()));
    } catch (error) {
      this.redis.disconnect();
      throw this.#lastError ?? error;
    }
  }

  /** Adds what to do before the connection is closed; the last one added is done first. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Adds something to close before the connection is. */
  use<T extends Closable>(thing: T): T {
    this.defer(() => thing.close());
    return thing;
  }

  async close(): Promise<void> {
    const { promise: givenUp, resolve } = Promise.withResolvers<void>();
    let looks = 0;
    const timer = setInterval(() => {
      looks = this.redis.status === "ready" ? 0 : looks + 1;
      if (looks === maxLooks) this.#isGivenUp = true;
      // Its last commands have been rejected by then; BullMQ may wait for ever for the end of a lost connection.
      if (looks === 2 * maxLooks) resolve();
    }, maxPause / 2);
    try {
      await Promise.race([this.#closeHeld(), givenUp]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Ends the connection now; what waits for it is rejected. */
  drop(): void {
    this.#isGivenUp = true;
    this.redis.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeHeld(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
    this.redis.disconnect();
  }
}

/**
 * Connects to Redis by URL: `redis://user:password@host:port/db`, or `rediss://` for TLS. Commands wait while the connection
 * is lost and go out when it is back. Throws `peer-missing`, `bad-option` for another kind of URL and `server-failed` when
 * nothing answers within ten seconds; no message holds the password.
 * @internal
 */
export async function connectRedis(url: string): Promise<RedisConnection> {
  const place = placeOf(url);
  const { Redis: Client } = await importPeer("ioredis", () => import("ioredis"));
  const connection = new RedisConnection(url, Client);
  try {
    await connection.open();
  } catch (error) {
    const why = (error as Error).message;
    const message = `cannot use Redis at ${place}: ${why}; check the URL and the password`;
    throw namedProblem(error, place) ?? new RagInstructError("server-failed", message);
  }
  return connection;
}

/** The error of a Redis that is full or wants a password, with what helps first; undefined for any other error. */
export function namedProblem(error: unknown, place: string): RagInstructError | undefined {
  const message = error instanceof Error ? error.message : "";
  if (message.startsWith("NOAUTH")) {
    const help = "write its password into the URL, redis://:password@host:port";
    return new RagInstructError("server-failed", `${help}: Redis at ${place} lets nobody in without one`);
  }
  if (!message.includes("OOM command not allowed")) return undefined;
  const help = "raise maxmemory of Redis, or make room in it, and run again";
  return new RagInstructError("server-failed", `${help}: Redis at ${place} is full (OOM command not allowed)`);
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
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${connectWithin / 1000} s`)), connectWithin);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A Redis as a doctor sees it. */
export interface RedisStatus {
  /** Host, port and database, without user and password. */
  place: string;
  /** What the server says of itself, as its command INFO gives it. */
  info: string;
  /** The workers that give signs of life. */
  workers: Member[];
}

/**
 * Asks a Redis how it is and who works there; changes nothing. Throws `peer-missing`, `bad-option` and `server-failed`.
 * @param options.namespace begins every key in Redis. @default "rag-instruct"
 */
export async function redisStatus({
  redis: url,
  namespace = "rag-instruct",
}: {
  redis: string;
  namespace?: string;
}): Promise<RedisStatus> {
  const connection = await connectRedis(url);
  const { redis } = connection;
  try {
    const [info, workers] = await Promise.all([redis.info(), membersOf(redis, "worker", { namespace })]);
    return { place: placeOf(url), info, workers };
  } finally {
    connection.drop();
  }
}

const minRedis = 5;

/**
 * A Redis's version, who can reach it, whether it keeps what it is given, and who works there. No password is told. Throws as
 * {@link redisStatus} does.
 */
export async function checkRedis(url: string): Promise<CheckOutcome[]> {
  const status = await redisStatus({ redis: url });
  return [checkServer(url, status), checkMemory(status.info), checkWorkers(status.workers)];
}

function checkServer(url: string, { place, info }: RedisStatus): CheckOutcome {
  const { protocol, password, hostname } = new URL(url);
  const [, server = "unknown"] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [isOpen, isPlain] = [password === "", protocol === "redis:"];
  const found = `Redis ${server} at ${place}, ${isOpen ? "no password" : "password"}, ${isPlain ? "no TLS" : "TLS"}`;
  if (Number.parseInt(server, 10) < minRedis) return checkOutcome.failed("redis", found, "install Redis 6.2 or newer");
  if (isOpen && !isLoopback(hostname))
    return checkOutcome.warning("redis", found, "give it a password: whoever writes there has workers make calls");
  if (isPlain && !isLoopback(hostname))
    return checkOutcome.warning("redis", found, "use rediss:// outside one network of yours");
  return checkOutcome.ok("redis", found);
}

function checkMemory(info: string): CheckOutcome {
  const [, used = "?"] = /^used_memory_human:(\S+)/m.exec(info) ?? [];
  const [, limit = "0"] = /^maxmemory:(\d+)/m.exec(info) ?? [];
  const [, policy = "noeviction"] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  const found = `${used} used${limit === "0" ? "" : " of a limit"}, ${policy}`;
  if (policy === "noeviction") return checkOutcome.ok("redis memory", found);
  return checkOutcome.warning(
    "redis memory",
    found,
    "set maxmemory-policy to noeviction: work that is thrown away is done again",
  );
}

function checkWorkers(workers: readonly Member[]): CheckOutcome {
  const other = workers.find((worker) => worker.version !== version);
  if (other) {
    const found = `worker ${other.pid} on ${other.host} runs ${other.version}, this is ${version}`;
    return checkOutcome.failed("workers", found, "install the same version on both");
  }
  const [calling, embedding] = (["calls", "embed"] as const).map(
    (lane) => workers.filter(({ serves }) => serves?.includes(lane)).length,
  );
  const found = `${workers.length} (${calling} make calls, ${embedding} embed)`;
  return workers.length > 0
    ? checkOutcome.ok("workers", found)
    : checkOutcome.warning("workers", "none", `start one: ${programName()} worker`);
}
