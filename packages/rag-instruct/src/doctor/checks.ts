import { type CheckOutcome, checkOutcome, RagInstructError } from "@rag-instruct/core";
import { checkLanguageModel, lazyCalls } from "@rag-instruct/core/calls";
import { checkDocuments, listInputFiles, sampleCorpus } from "@rag-instruct/corpus";
import { downloadGguf } from "@rag-instruct/embed";
import { checkEmbedding } from "@rag-instruct/embed/options";
import { checkVectorEngine } from "@rag-instruct/retrieve";
import { connectChoice, postgresAddress } from "@rag-instruct/retrieve/options";
import { isExemplarSet } from "@rag-instruct/simulate/options";
import { isGguf, isOnHub, isStandInChoice } from "../config/model-choice.ts";
import { exemplarNames, type ResolvedConfig } from "../config/schema.ts";
import { exemplarSource } from "../run/inputs.ts";
import { callSettings, callsOptions, openModel } from "../run/models.ts";

/** The documents, the packages that their formats need, and the exemplars. */
export async function checkInputs(config: ResolvedConfig): Promise<CheckOutcome[]> {
  const { corpus } = config;
  const documents = corpus.from.length > 0 ? await checkDocuments(corpus.from, corpus) : [];
  return [...documents, await checkExemplars(config)];
}

async function checkExemplars(config: ResolvedConfig): Promise<CheckOutcome> {
  const names = exemplarNames(config.exemplars);
  if (!names) return checkOutcome.ok("exemplars", `${config.exemplars.length} in the config`);
  if (names.every(isExemplarSet)) {
    const mend = "for data to train on give questions of your users: an Alpaca, ShareGPT or plain question file";
    return checkOutcome.warning("exemplars", `${names.join(", ")}: some dozens that come with the package`, mend);
  }
  try {
    await exemplarSource(config);
    return checkOutcome.ok("exemplars", names.join(", "));
  } catch (error) {
    return checkOutcome.failed("exemplars", (error as Error).message, "mend the path of the exemplars");
  }
}

/** Whether the model answers, follows a schema, and has a known price. Makes one or two calls of a few tokens. */
export async function checkModel(config: ResolvedConfig, { signal }: { signal: AbortSignal }): Promise<CheckOutcome[]> {
  if (isStandInChoice(config.model)) {
    const mend = "name a model: --model gpt-4o-mini with OPENAI_API_KEY set, or --base-url for a server of your own";
    return [checkOutcome.warning("model", `the ${config.model} model, for trying the flow and not for training`, mend)];
  }
  const { model: choice } = config;
  if (isGguf(choice) && isOnHub(choice.gguf) && !(await isDownloaded(choice.gguf))) {
    const mend = "nothing to do: the first run downloads it";
    return [checkOutcome.warning("model", `${choice.gguf} is not on this machine yet`, mend)];
  }
  try {
    await using opened = await openModel(choice, { signal });
    const { settings, prices, budget } = config;
    const needsPrice = budget?.usd !== undefined;
    return await checkLanguageModel(opened.model, { settings: callSettings(settings), prices, needsPrice, signal });
  } catch (error) {
    signal.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install node-llama-cpp"
      : `${isGguf(choice) ? "mend the path" : "set the key"}, or name another model`;
    return [checkOutcome.failed("model", (error as Error).message, mend)];
  }
}

function isDownloaded(gguf: string): Promise<boolean> {
  return downloadGguf({ model: gguf, offline: true }).then(
    () => true,
    () => false,
  );
}

/** Documents that tell how long passages are. */
const fewDocuments = 200;

/** Whether the embedding model embeds a text, and reads as much as a passage has. */
export async function checkEmbeddings(
  config: ResolvedConfig,
  { signal }: { signal: AbortSignal },
): Promise<CheckOutcome[]> {
  const { embeddings, to, corpus } = config;
  if (!embeddings) return [checkOutcome.ok("embeddings", "none; BM25 needs no model")];
  await using calls = lazyCalls({ ...callsOptions(config, `${to}/queries.jsonl`), budget: undefined });
  const { from, words, ...reading } = corpus;
  const few = { ...reading, words, documents: fewDocuments, signal };
  // What is wrong with the documents is told of them.
  const { passages } = await sampleCorpus(from, few).catch(() => ({ passages: [] }));
  return [await checkEmbedding(embeddings, { words, passages, findVectors: listInputFiles, calls, signal })];
}

/** What searches the vectors of a run, where it has any. */
export async function checkEngine({ engine, embeddings }: ResolvedConfig): Promise<CheckOutcome[]> {
  return embeddings && engine.engine !== "pgvector" ? [await checkVectorEngine(engine)] : [];
}

/** The PostgreSQL of a run, where it has one. No password is told. */
export async function checkDatabase({ postgres: choice, retrieval, engine }: ResolvedConfig): Promise<CheckOutcome[]> {
  if (!choice) return [];
  try {
    const { checkPostgres } = await import("@rag-instruct/retrieve/pgvector");
    await using postgres = await connectChoice({ ...choice, connections: 1 });
    const host = new URL(postgresAddress(choice)).hostname;
    const hasVectors = retrieval !== "bm25" && engine.engine === "pgvector";
    return await checkPostgres({ postgres, host, schema: choice.schema, hasVectors });
  } catch (error) {
    return [checkOutcome.failed("postgres", (error as Error).message, "start the server, or mend --postgres")];
  }
}

/** The Redis of the workers, where there is one. No password is told. */
export async function checkQueue(url: string | undefined): Promise<CheckOutcome[]> {
  if (url === undefined) return [];
  try {
    const { checkRedis } = await import("@rag-instruct/workers");
    return await checkRedis(url);
  } catch (error) {
    return [checkOutcome.failed("redis", (error as Error).message, "start the server, or mend --redis")];
  }
}
