import { type Check, check } from "@rag-instruct/core";
import type { ResolvedConfig } from "../config/schema.ts";
import { connectChoice, postgresAddress } from "../run/retriever.ts";

/** The PostgreSQL of a run, where it has one. No password is told. */
export async function checkDatabase({ postgres: choice, retrieval }: ResolvedConfig): Promise<Check[]> {
  if (!choice) return [];
  try {
    const { checkPostgres } = await import("@rag-instruct/retrieve/pgvector");
    await using postgres = await connectChoice({ ...choice, connections: 1 });
    const host = new URL(postgresAddress(choice)).hostname;
    return await checkPostgres({ postgres, host, schema: choice.schema, hasVectors: retrieval !== "bm25" });
  } catch (error) {
    return [check.failed("postgres", (error as Error).message, "start the server, or mend --postgres")];
  }
}

/** The Redis of the workers, where there is one. No password is told. */
export async function checkQueue(url: string | undefined): Promise<Check[]> {
  if (url === undefined) return [];
  try {
    const { checkRedis } = await import("@rag-instruct/workers");
    return await checkRedis(url);
  } catch (error) {
    return [check.failed("redis", (error as Error).message, "start the server, or mend --redis")];
  }
}
