import { RagInstructError } from "@rag-instruct/core";
import { type Member, type RedisStatus, redisStatus } from "@rag-instruct/workers";
import { version } from "../version.ts";
import { type Check, failed, ok, warning } from "./check.ts";
import { isLoopback } from "./loopback.ts";

const leastVersion = 5;

/** The Redis of the workers: its version, who can reach it, whether it keeps what it is given, and who works there. No password is told. */
export async function checkRedis(url: string | undefined): Promise<Check[]> {
  if (url === undefined) return [];
  let status: RedisStatus;
  try {
    status = await redisStatus({ redis: url });
  } catch (error) {
    if (!RagInstructError.is(error)) throw error;
    return [failed("redis", error.message, "start the server, or mend --redis")];
  }
  return [checkServer(url, status), checkMemory(status.info), checkWorkers(status.workers)];
}

function checkServer(url: string, { place, info }: RedisStatus): Check {
  const { protocol, password, hostname } = new URL(url);
  const [, server = "unknown"] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [isOpen, isPlain] = [password === "", protocol === "redis:"];
  const found = `Redis ${server} at ${place}, ${isOpen ? "no password" : "password"}, ${isPlain ? "no TLS" : "TLS"}`;
  if (Number.parseInt(server, 10) < leastVersion) return failed("redis", found, "install Redis 6.2 or newer");
  if (isOpen && !isLoopback(hostname))
    return warning("redis", found, "give it a password: whoever writes there has workers make calls");
  if (isPlain && !isLoopback(hostname)) return warning("redis", found, "use rediss:// outside one network of yours");
  return ok("redis", found);
}

function checkMemory(info: string): Check {
  const [, used = "?"] = /^used_memory_human:(\S+)/m.exec(info) ?? [];
  const [, limit = "0"] = /^maxmemory:(\d+)/m.exec(info) ?? [];
  const [, policy = "noeviction"] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  const found = `${used} used${limit === "0" ? "" : " of a limit"}, ${policy}`;
  if (policy === "noeviction") return ok("redis memory", found);
  return warning("redis memory", found, "set maxmemory-policy to noeviction: work that is thrown away is done again");
}

function checkWorkers(workers: readonly Member[]): Check {
  const other = workers.find((worker) => worker.version !== version);
  if (other) {
    const found = `worker ${other.pid} on ${other.host} runs ${other.version}, this is ${version}`;
    return failed("workers", found, "install the same version on both");
  }
  const [calling, embedding] = (["calls", "embed"] as const).map(
    (lane) => workers.filter(({ serves }) => serves?.includes(lane)).length,
  );
  const found = `${workers.length} (${calling} make calls, ${embedding} embed)`;
  return workers.length > 0 ? ok("workers", found) : warning("workers", "none", "start one: rag-instruct worker");
}
