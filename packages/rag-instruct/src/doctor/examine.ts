import type { ResolvedConfig } from "../config.ts";
import { describeModel, nameModel } from "../models.ts";
import { type Check, ok } from "./check.ts";
import { checkEmbeddings, checkInputs } from "./inputs.ts";
import { checkMachine } from "./machine.ts";
import { checkModel } from "./model.ts";
import { checkPostgres } from "./postgres.ts";
import { checkRedis } from "./redis.ts";

/** Everything that a run needs, each with what to do where it is not as it should be. `config` may be missing. */
export async function examine(
  { config, to, redis }: { config: ResolvedConfig | undefined; to: string; redis?: string | undefined },
  { signal }: { signal: AbortSignal },
): Promise<Check[]> {
  const machine = [...(await checkMachine(to)), ...(await checkRedis(redis))];
  if (!config) return machine;
  const checks = await Promise.all([
    checkInputs(config),
    ...(redis === undefined
      ? [checkModel(config, { signal }), checkEmbeddings(config, { signal })]
      : [leftToWorkers(config)]),
    checkPostgres(config),
  ]);
  return [...machine, ...checks.flat()];
}

/** Keys and embedding models are the workers'; here they may be missing. */
function leftToWorkers({ model, embeddings }: ResolvedConfig): Check[] {
  return [
    ok("model", `${describeModel(nameModel(model))}, called by the workers`),
    ok("embeddings", embeddings ? "by the workers" : "none; BM25 needs no model"),
  ];
}
