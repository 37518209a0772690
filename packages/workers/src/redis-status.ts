import { type CheckOutcome, checkOutcome, isLoopback } from "@rag-instruct/core";
import { type Member, membersOf } from "./presence.ts";
import { version } from "./protocol.ts";
import { connectRedis, placeOf } from "./redis.ts";

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
    : checkOutcome.warning("workers", "none", "start one: rag-instruct worker");
}
