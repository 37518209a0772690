import { hostname } from "node:os";
import { resolve } from "node:path";
import { hashOf, RagInstructError } from "@rag-instruct/core";
import type { AskRequest } from "@rag-instruct/core/calls";
import type { ResolvedConfig } from "./config.ts";
import { isEndpoint, nameModel, resolveModel } from "./models.ts";

/** The language model of a run. */
export interface RunModel extends AsyncDisposable {
  model: AskRequest["model"];
  /** What its way to the endpoint asks of the calls. */
  limits: { timeout?: number };
}

// A call may wait for a worker that is free; the call itself has its own limit there.
const timeoutWithQueue = 600_000;

/** The model, called from here or, with an address of Redis, by workers. Throws `bad-option` for one that workers cannot call. */
export async function openRunModel(
  { model: choice, to }: Pick<ResolvedConfig, "model" | "to">,
  { redis }: { redis: string | undefined },
): Promise<RunModel> {
  if (redis === undefined || choice === "offline") {
    return { model: resolveModel(choice), limits: {}, [Symbol.asyncDispose]: async () => {} };
  }
  if (!isEndpoint(choice)) {
    throw new RagInstructError(
      "bad-option",
      "workers cannot call a model object of this process; name a model by { name, baseUrl, keyVariable }",
    );
  }
  const { openWorkerPool, remoteModel } = await import("./workers/index.ts");
  const { name, baseUrl, keyVariable } = choice;
  const pool = await openWorkerPool({ redis, run: hashOf([hostname(), resolve(to)]) });
  const reference = {
    name,
    ...(baseUrl === undefined ? {} : { baseUrls: [baseUrl] }),
    ...(keyVariable === undefined ? {} : { keyVariable }),
  };
  return {
    model: remoteModel({ pool, reference, provider: nameModel(choice).provider }),
    limits: { timeout: timeoutWithQueue },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
