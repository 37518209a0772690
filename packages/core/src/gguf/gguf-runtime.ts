import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import type {
  ChatHistoryItem,
  ChatWrapper,
  Llama,
  LlamaChatResponse,
  LlamaContext,
  LlamaContextSequence,
  LlamaGrammar,
  LlamaModel,
} from "node-llama-cpp";
import { badOption, importPeer, RagInstructError } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { isObject } from "../types.ts";
import { onAbort } from "../waiting.ts";

/** A GGUF file, and where it is run. */
export interface GgufOptions {
  /** The file; of a model in several parts the first, beside the others. */
  path: string;
  /** Where it runs: on the best graphics card there is, on one of a kind, or on the CPU alone (`false`). @default "auto" */
  gpu?: "auto" | "cuda" | "metal" | "vulkan" | false;
  /** Threads of the CPU. With as many as there are busy cores they wait for each other instead of working. @default one less than the cores, at least 1 */
  threads?: number;
  /** Tokens of prompt and reply together at most: what is beyond is refused. @default what the model was trained with */
  contextTokens?: number;
}

/** What {@link GgufRuntime} is made of. */
interface RuntimeOptions extends GgufOptions {
  /** Of the model, in messages. */
  name: string;
}

/** One question to a model that runs here. */
export interface GgufQuestion {
  /** Ends with the reply to come. */
  history: ChatHistoryItem[];
  /** JSON schema of the reply, held to by a grammar. */
  schema: object | undefined;
  maxTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  topK: number | undefined;
  seed: number | undefined;
  stop: readonly string[] | undefined;
  penalties: { frequencyPenalty: number | undefined; presencePenalty: number | undefined } | undefined;
  /** Whether a model that thinks may. */
  thinks: boolean;
  signal: AbortSignal | undefined;
  /** Called with each piece of the reply as it comes. */
  onText?: (segment: GgufReply["segments"][number]) => void;
}

/** What it replied. */
export interface GgufReply {
  segments: { isThought: boolean; text: string }[];
  stopReason: LlamaChatResponse["metadata"]["stopReason"];
  promptTokens: number;
  /** Of the prompt's tokens those that stood in the context already, from the call before. */
  cachedTokens: number;
  outputTokens: number;
  /** Why the reply is not held to the schema, where it is not. */
  refusedSchema?: string;
}

// llama.cpp's own: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
const defaultTemperature = 0.8;
const defaultTopK = 40;
const defaultTopP = 0.95;
// A reply that nobody bounds ends here.
const defaultMaxTokens = 2048;
// A context grows in steps, so that prompts of about one length do not make it anew each time.
const contextStep = 1024;
// The chat template closes the reply, and the runtime keeps a token free.
const spareTokens = 32;

/** What is loaded of a model. */
interface Loaded {
  llama: Llama;
  model: LlamaModel;
  wrapper: ChatWrapper;
}

/** A model of a GGUF file and the context that its calls share, one after another. */
export class GgufRuntime {
  readonly #options: RuntimeOptions;
  readonly #grammars = new Map<string, LlamaGrammar | string>();
  #loaded: Promise<Loaded> | undefined;
  #context: { all: LlamaContext; sequence: LlamaContextSequence } | undefined;
  /** Ends with the call that is under way. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  /** Answers when those asked before are answered. Throws the signal's reason, and `call-failed` for a prompt that does not fit. */
  async answer(question: GgufQuestion): Promise<GgufReply> {
    const { signal } = question;
    const answered = this.#turn.then(() => {
      signal?.throwIfAborted();
      return this.#answer(question);
    });
    this.#turn = answered.catch(() => {});
    // Whoever gives up does not wait for the calls before.
    return new Promise<GgufReply>((resolve, reject) => {
      const stopListening = onAbort(signal, reject);
      answered.then(resolve, reject).finally(stopListening);
    });
  }

  /** Gives the memory back, when the call that is under way has ended. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#turn;
    const loaded = await this.#loaded?.catch(() => undefined);
    await this.#context?.all.dispose();
    await loaded?.model.dispose();
  }

  async #answer(question: GgufQuestion): Promise<GgufReply> {
    if (this.#isClosed) throw badOption(`${this.#options.name} was closed`);
    this.#loaded ??= this.#load();
    const { model, wrapper } = await this.#loaded;
    const { history, maxTokens = defaultMaxTokens } = question;
    const { contextText } = wrapper.generateContextState({ chatHistory: history });
    const promptTokens = contextText.tokenize(model.tokenizer).length;
    const room = this.#most(model) - promptTokens - spareTokens;
    if (room < 1) throw this.#tooLong(promptTokens, model);
    const wanted = Math.min(maxTokens, room);
    const sequence = await this.#fit(promptTokens + wanted + spareTokens);
    const grammar = question.schema && (await this.#grammarOf(question.schema));
    const before = sequence.tokenMeter.getState();
    const { LlamaChat } = await importLlama();
    const chat = new LlamaChat({ contextSequence: sequence, chatWrapper: wrapper });
    try {
      const { fullResponse, metadata } = await chat.generateResponse(history, {
        ...samplingOf(question),
        maxTokens: wanted,
        grammar: typeof grammar === "string" ? undefined : grammar,
        signal: question.signal,
        onResponseChunk: ({ type, text }) => {
          if (text !== "") question.onText?.({ isThought: type === "segment", text });
        },
      });
      const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter.diff(before);
      return {
        segments: fullResponse.map((part) =>
          typeof part === "string" ? { isThought: false, text: part } : { isThought: true, text: part.text },
        ),
        stopReason: metadata.stopReason,
        promptTokens,
        cachedTokens: Math.max(0, promptTokens - usedInputTokens),
        outputTokens: usedOutputTokens,
        refusedSchema: typeof grammar === "string" ? grammar : undefined,
      };
    } finally {
      chat.dispose({ disposeSequence: false });
    }
  }

  async #load(): Promise<Loaded> {
    const { path, gpu = "auto" } = this.#options;
    const { resolveChatWrapper } = await importLlama();
    try {
      const { llama, said } = await openLlama(gpu);
      said.length = 0;
      const model = await llama.loadModel({ modelPath: path }).catch(async (cause: Error) => {
        // The last words of llama.cpp come a moment later, and say more than the error.
        await setImmediate();
        throw new Error([cause.message, ...said.slice(0, 1)].join(": "), { cause });
      });
      return { llama, model, wrapper: resolveChatWrapper(model) };
    } catch (cause) {
      throw badOption(`${path} cannot be run here: ${(cause as Error).message}`, { cause });
    }
  }

  /** The sequence of a context with room for so many tokens; one that is too small is made anew. */
  async #fit(tokens: number): Promise<LlamaContextSequence> {
    if (this.#context && this.#context.all.contextSize >= tokens) return this.#context.sequence;
    const { model } = await this.#loaded!;
    const { threads = Math.max(1, availableParallelism() - 1) } = this.#options;
    await this.#context?.all.dispose();
    this.#context = undefined;
    const contextSize = Math.min(Math.ceil(tokens / contextStep) * contextStep, this.#most(model));
    try {
      const all = await model.createContext({ contextSize, threads, sequences: 1 });
      this.#context = { all, sequence: all.getSequence() };
      return this.#context.sequence;
    } catch (cause) {
      const message = `no memory for a context of ${contextSize} tokens (${(cause as Error).message}); show fewer documents, or take a smaller model`;
      throw new RagInstructError("call-failed", message, { cause });
    }
  }

  #most({ trainContextSize }: LlamaModel): number {
    return Math.min(this.#options.contextTokens ?? Number.POSITIVE_INFINITY, trainContextSize);
  }

  #tooLong(promptTokens: number, model: LlamaModel): RagInstructError {
    const most = this.#most(model);
    const message = `a prompt of ${promptTokens} tokens leaves no room for a reply in the ${most} tokens of ${this.#options.name}; show fewer or shorter documents`;
    return new RagInstructError("call-failed", message);
  }

  /** The grammar of a schema, or why there is none. */
  async #grammarOf(schema: object): Promise<LlamaGrammar | string> {
    const key = canonicalJson(schema);
    const known = this.#grammars.get(key);
    if (known !== undefined) return known;
    const { llama } = await this.#loaded!;
    const grammar = await llama
      .createGrammarForJsonSchema(grammarSchema(schema) as { type: "object" })
      .catch((error: Error) => `there is no grammar for this schema: ${error.message}`);
    this.#grammars.set(key, grammar);
    return grammar;
  }
}

/** llama.cpp, and what it complained of. */
interface OpenLlama {
  llama: Llama;
  said: string[];
}

// One for a process and a kind of card, never closed: closing one takes the log of all others away.
const llamas = new Map<string, Promise<OpenLlama>>();

function openLlama(gpu: NonNullable<GgufOptions["gpu"]>): Promise<OpenLlama> {
  const key = String(gpu);
  const opening = llamas.get(key) ?? openAnew(gpu);
  llamas.set(key, opening);
  opening.catch(() => llamas.delete(key));
  return opening;
}

async function openAnew(gpu: NonNullable<GgufOptions["gpu"]>): Promise<OpenLlama> {
  const { getLlama, LlamaLogLevel } = await importLlama();
  const said: string[] = [];
  const llama = await getLlama({
    gpu,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    maxThreads: 0,
    logLevel: LlamaLogLevel.error,
    logger: (_, message) => void said.push(message.trim()),
  });
  return { llama, said };
}

function importLlama() {
  return importPeer("node-llama-cpp", () => import("node-llama-cpp"));
}

/** A JSON schema as the grammar takes it: it knows `oneOf` alone, where Zod writes `anyOf`. */
function grammarSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(grammarSchema);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(([key, value]) => {
    // Names in these are a schema's own, not words of the language.
    if ((key === "properties" || key === "$defs") && isObject(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, grammarSchema(inner)]))];
    if (key === "const" || key === "enum") return [key, value];
    return [key === "anyOf" ? "oneOf" : key, grammarSchema(value)];
  });
  return Object.fromEntries(entries);
}

function samplingOf(question: GgufQuestion) {
  const { temperature = defaultTemperature, topP = defaultTopP, topK = defaultTopK } = question;
  const { seed, stop = [], penalties, thinks } = question;
  const unpenalized = 1;
  return {
    temperature,
    topP,
    topK,
    seed,
    customStopTriggers: stop,
    repeatPenalty: penalties ? { ...penalties, penalty: unpenalized } : (false as const),
    budgets: thinks ? undefined : { thoughtTokens: 0 },
  };
}
