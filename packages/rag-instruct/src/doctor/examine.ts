import type { ResolvedConfig } from "../config.ts";
import type { Check } from "./check.ts";
import { checkEmbeddings, checkInputs } from "./inputs.ts";
import { checkMachine } from "./machine.ts";
import { checkModel } from "./model.ts";

/** Everything that a run needs, each with what to do where it is not as it should be. `config` may be missing. */
export async function examine(
  { config, to }: { config: ResolvedConfig | undefined; to: string },
  { signal }: { signal: AbortSignal },
): Promise<Check[]> {
  const machine = await checkMachine(to);
  if (!config) return machine;
  const [inputs, model, embeddings] = await Promise.all([
    checkInputs(config),
    checkModel(config, { signal }),
    checkEmbeddings(config, { signal }),
  ]);
  return [...machine, ...inputs, ...model, ...embeddings];
}
