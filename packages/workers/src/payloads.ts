import { randomUUID } from "node:crypto";
import type { JSONValue } from "@ai-sdk/provider";
import type { Redis } from "ioredis";
import { inlineLimit, keepFor, type Payload } from "./protocol.ts";

/** Keeps long values beside the queue, so that jobs and events stay small. */
export interface Payloads {
  /** Keeps a value that survives JSON. */
  keep(value: unknown): Promise<Payload>;
  /** The value; undefined when Redis no longer holds it. */
  read(payload: Payload): Promise<unknown>;
  /** Frees what `keep` stored. */
  free(payload: Payload): Promise<void>;
}

/** Values up to {@link inlineLimit} stay in the payload, longer ones get a key that expires. */
export function redisPayloads(redis: Redis, { namespace }: { namespace: string }): Payloads {
  return {
    async keep(value) {
      const json = JSON.stringify(value);
      if (json.length <= inlineLimit) return { inline: JSON.parse(json) as JSONValue };
      const stored = `${namespace}:payload:${randomUUID()}`;
      await redis.set(stored, json, "EX", keepFor);
      return { stored };
    },
    async read(payload) {
      if ("inline" in payload) return payload.inline;
      const json = await redis.get(payload.stored);
      return json === null ? undefined : JSON.parse(json);
    },
    async free(payload) {
      if ("stored" in payload) await redis.del(payload.stored);
    },
  };
}
