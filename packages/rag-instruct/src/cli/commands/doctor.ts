import { type CheckOutcome, checkLines, checkOutcome, programName, RagInstructError } from "@rag-instruct/core";
import type { ResolvedConfig } from "../../config/schema.ts";
import type { CommandDefinition, RunFlags } from "../command.ts";

/** Checks the machine, the config and the model; the exit code is 1 where a run would stop. */
export const doctor: CommandDefinition<string[]> = {
  argument: ["[documents...]", "files, folders or globs, or a run folder; default the config's"],
  flags: ["config", "to", "exemplars", "model", "embeddings", "budget", "set"],
  more: ["settings", "corpus", "import", "retrieval", "redis", "postgres"],
  note: "It asks the model once or twice. Exit code 1: a run would stop there.",
  examples: ["rag-instruct doctor", "rag-instruct doctor --base-url http://127.0.0.1:11434/v1 --model m"],
  async run(documents, flags, { signal }) {
    const { config, hasDocuments = true, found: first } = await readConfig(documents, flags);
    const to = config?.to ?? flags.to ?? "run";
    const found = await examine({ config, hasDocuments, to, redis: flags.redis }, { signal });
    const checks = [first, ...found];
    const isSound = checks.every(({ status }) => status !== "failed");
    return { text: `${checkLines(checks).join("\n")}\n`, json: { sound: isSound, checks }, exitCode: isSound ? 0 : 1 };
  },
};

async function readConfig(
  documents: readonly string[],
  flags: RunFlags,
): Promise<{ config?: ResolvedConfig; hasDocuments?: boolean; found: CheckOutcome }> {
  const { noDocuments, readSettings } = await import("../actions.ts");
  try {
    const config = await readSettings({ flags, documents });
    return { config, found: checkOutcome.ok("config", `sound; the run folder is ${config.to}`) };
  } catch (error) {
    if (!RagInstructError.is(error)) throw error;
    const { message } = error;
    if (message === noDocuments) {
      // What the flags name is looked at all the same.
      const config = await readSettings({ flags, documents, needsDocuments: false });
      const found = checkOutcome.warning("config", "none here", `write one with: ${programName()} init`);
      return { config, hasDocuments: false, found };
    }
    return {
      found: checkOutcome.failed("config", message, `mend it, or write another with: ${programName()} init --force`),
    };
  }
}

/** Everything that a run needs, each with what to do where it is not as it should be. `config` may be missing. */
async function examine(
  { config, hasDocuments, to, redis }: { config?: ResolvedConfig; hasDocuments: boolean; to: string; redis?: string },
  { signal }: { signal: AbortSignal },
): Promise<CheckOutcome[]> {
  const actions = await import("../actions.ts");
  const machine = [...(await actions.checkMachine(to)), ...(await actions.checkQueue(redis))];
  if (!config) return machine;
  const checks = await Promise.all([
    hasDocuments ? actions.checkInputs(config) : [],
    ...(redis === undefined
      ? [actions.checkModel(config, { signal }), actions.checkEmbeddings(config, { signal })]
      : [leftToWorkers(config)]),
    actions.checkEngine(config),
    actions.checkDatabase(config),
  ]);
  return [...machine, ...checks.flat()];
}

/** Keys and embedding models are the workers'; here they may be missing. */
async function leftToWorkers({ model, embeddings }: ResolvedConfig): Promise<CheckOutcome[]> {
  const { describeModel, nameModel } = await import("../actions.ts");
  return [
    checkOutcome.ok("model", `${describeModel(nameModel(model))}, called by the workers`),
    checkOutcome.ok("embeddings", embeddings ? "by the workers" : "none; BM25 needs no model"),
  ];
}
