import type { Member } from "./member.ts";
import { membersOf } from "./members.ts";
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

/** Asks a Redis how it is and who works there; changes nothing. Throws `peer-missing`, `bad-option` and `server-failed`. */
export async function redisStatus({
  redis: url,
  namespace = "rag-instruct",
}: {
  redis: string;
  /** @default "rag-instruct" */
  namespace?: string;
}): Promise<RedisStatus> {
  const { redis } = await connectRedis(url);
  try {
    const [info, workers] = await Promise.all([redis.info(), membersOf(redis, "worker", { namespace })]);
    return { place: placeOf(url), info, workers };
  } finally {
    redis.disconnect();
  }
}
