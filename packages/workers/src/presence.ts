import { hostname } from "node:os";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { isProcessAlive } from "@rag-instruct/core/node";
import type { Redis } from "ioredis";
import { beat, deadAfter, type Lane, version } from "./protocol.ts";

// What takes a connection is internal: published types must not ask for ioredis, which may not be installed.

/** A worker or coordinator as it announces itself. */
export interface Member {
  role: "worker" | "coordinator";
  id: string;
  version: string;
  host: string;
  pid: number;
  /** What a worker takes. */
  serves?: Lane[];
}

/**
 * Announces a member by a key that expires when it stops giving signs.
 * @internal
 */
export async function announce(redis: Redis, member: Member, { namespace }: { namespace: string }): Promise<Closable> {
  const key = keyOf(namespace, member);
  const sign = () => redis.set(key, JSON.stringify(member), "PX", deadAfter);
  await sign();
  // A sign that cannot be given is given by the next one, when the connection is back.
  const timer = setInterval(() => void sign().catch(() => {}), beat);
  timer.unref();
  const announcement: Closable = {
    async close() {
      clearInterval(timer);
      await redis.del(key).catch(() => {});
    },
    [Symbol.asyncDispose]: () => announcement.close(),
  };
  return announcement;
}

/**
 * This process as a member.
 * @internal
 */
export function thisProcess(role: Member["role"], id: string): Member {
  return { role, id, version, host: hostname(), pid: process.pid };
}

/**
 * All members of one role that are alive.
 * @internal
 */
export async function membersOf(
  redis: Redis,
  role: Member["role"],
  { namespace }: { namespace: string },
): Promise<Member[]> {
  const keys: string[] = [];
  for (let cursor = "0"; ; ) {
    const [next, found] = await redis.scan(cursor, "MATCH", `${namespace}:${role}:*`, "COUNT", 1000);
    keys.push(...found);
    cursor = next;
    if (cursor === "0") break;
  }
  const values = keys.length > 0 ? await redis.mget(keys) : [];
  return values.flatMap((value) => (value === null ? [] : [JSON.parse(value) as Member]));
}

/**
 * Throws `unsupported-version` when a member of another version is there, and names both.
 * @internal
 */
export async function refuseOtherVersions(
  redis: Redis,
  role: Member["role"],
  { namespace }: { namespace: string },
): Promise<void> {
  const other = (await membersOf(redis, role, { namespace })).find((member) => member.version !== version);
  if (!other) return;
  throw new RagInstructError(
    "unsupported-version",
    `this is rag-instruct ${version}, and ${describe(other)} runs ${other.version}; install the same version on both`,
  );
}

/**
 * Whether the coordinator of a run gives signs of life.
 * @internal
 */
export async function isCoordinated(redis: Redis, run: string, { namespace }: { namespace: string }): Promise<boolean> {
  return (await redis.exists(`${namespace}:coordinator:${run}`)) === 1;
}

/**
 * Takes a run for this process. Throws `folder-locked` when a coordinator that is alive has it.
 * @internal
 */
export async function claimRun(redis: Redis, run: string, { namespace }: { namespace: string }): Promise<Closable> {
  const member = thisProcess("coordinator", run);
  const key = keyOf(namespace, member);
  while ((await redis.set(key, JSON.stringify(member), "PX", deadAfter, "NX")) === null) {
    const holder = await redis.get(key);
    if (holder === null) continue;
    const other = JSON.parse(holder) as Member;
    if (isProcessAlive(other)) {
      throw new RagInstructError(
        "folder-locked",
        `the run ${run} is under way at ${describe(other)}; wait for it to end`,
      );
    }
    await redis.del(key);
  }
  return announce(redis, member, { namespace });
}

function keyOf(namespace: string, { role, id }: Member): string {
  return `${namespace}:${role}:${id}`;
}

function describe({ role, host, pid }: Member): string {
  return `the ${role} ${pid} on ${host}`;
}
