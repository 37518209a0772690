import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import type { LanguageModel } from "ai";
import type { ChatHistoryItem } from "node-llama-cpp";
import { RagInstructError } from "../errors.ts";
import type { Closable } from "../plug-points.ts";
import { type GgufOptions, type GgufQuestion, type GgufReply, GgufRuntime } from "./gguf-runtime.ts";

type LanguageModelV4 = Extract<LanguageModel, { specificationVersion: "v4" }>;
type CallOptions = Parameters<LanguageModelV4["doGenerate"]>[0];
type GenerateResult = Awaited<ReturnType<LanguageModelV4["doGenerate"]>>;
type StreamPart =
  Awaited<ReturnType<LanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;
type Warning = GenerateResult["warnings"][number];

/** Options of {@link ggufModel}. */
export interface GgufModelOptions extends GgufOptions {
  /** What names the model in pairs and ledgers. @default the file's name and eight digits that follow from its content */
  id?: string;
}

/** A model that runs in this process. It takes memory from the first call until it is closed. */
export interface GgufModel extends LanguageModelV4, Closable {}

/** Provider of models that run in this process from a GGUF file: such a call costs nothing and takes as long as it takes. */
export const ggufProvider = "rag-instruct.gguf";

const peer = "node-llama-cpp";

/**
 * A GGUF file as a language model of the AI SDK. The peer `node-llama-cpp` runs it in this process, one call after another; the file is
 * loaded at the first call, with a context as large as the prompts need. A JSON schema is held to by a grammar, temperature (default 0.8),
 * topP, topK, seed, penalties and stop sequences are taken, and an abort stops within a batch of 512 tokens. Tools and files in prompts
 * are not taken.
 * Throws `file-missing`, `unknown-format` for a file that is no GGUF, `file-corrupt`, and `peer-missing` with the command that installs the peer.
 */
export function ggufModel({ path, id, ...options }: GgufModelOptions): GgufModel {
  const modelId = id ?? nameGguf(path);
  requirePeer();
  const runtime = new GgufRuntime({ ...options, path, name: modelId });
  return {
    specificationVersion: "v4",
    provider: ggufProvider,
    modelId,
    supportedUrls: {},
    async doGenerate(asked) {
      const reply = await runtime.answer(questionOf(asked));
      const content = reply.segments.map(({ isThought, text }) => ({
        type: isThought ? ("reasoning" as const) : ("text" as const),
        text,
      }));
      return { content, ...endOf(reply), warnings: warningsOf(asked, reply) };
    },
    async doStream(asked) {
      const question = questionOf(asked);
      const start = async (controller: ReadableStreamDefaultController<StreamPart>) => {
        const parts = new StreamParts((part) => controller.enqueue(part));
        const reply = await runtime.answer({ ...question, onText: (segment) => parts.add(segment) });
        parts.end();
        controller.enqueue({ type: "finish", ...endOf(reply) });
        controller.close();
      };
      return {
        stream: new ReadableStream<StreamPart>({
          start(controller) {
            controller.enqueue({ type: "stream-start", warnings: warningsOf(asked) });
            start(controller).catch((error) => controller.error(error));
          },
        }),
      };
    },
    close: () => runtime.close(),
    [Symbol.asyncDispose]: () => runtime.close(),
  };
}

/** Throws `peer-missing` before a run has done half of its work. */
function requirePeer(): void {
  try {
    createRequire(import.meta.url).resolve(peer);
  } catch (cause) {
    // The package is there where it has nothing for `require`.
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") return;
    throw new RagInstructError("peer-missing", `a GGUF file needs the package ${peer}: npm install ${peer}`, { cause });
  }
}

function questionOf(asked: CallOptions): GgufQuestion {
  const { responseFormat, reasoning, frequencyPenalty, presencePenalty } = asked;
  return {
    history: historyOf(asked.prompt),
    schema: responseFormat?.type === "json" ? (responseFormat.schema ?? { type: "object" }) : undefined,
    maxTokens: asked.maxOutputTokens,
    temperature: asked.temperature,
    topP: asked.topP,
    topK: asked.topK,
    seed: asked.seed,
    stop: asked.stopSequences,
    penalties: frequencyPenalty || presencePenalty ? { frequencyPenalty, presencePenalty } : undefined,
    thinks: reasoning !== "none",
    signal: asked.abortSignal,
  };
}

/** A prompt as the chat that the model's own template is filled with, with its reply to come. Throws `bad-input` for what is no text. */
function historyOf(prompt: CallOptions["prompt"]): ChatHistoryItem[] {
  const history = prompt.map((message): ChatHistoryItem => {
    if (message.role === "system") return { type: "system", text: message.content };
    const text = textOf(message);
    return message.role === "user" ? { type: "user", text } : { type: "model", response: [text] };
  });
  return [...history, { type: "model", response: [] }];
}

function textOf({ role, content }: Exclude<CallOptions["prompt"][number], { role: "system" }>): string {
  const texts = content.flatMap((part) => {
    if (part.type === "text") return [part.text];
    // What a model thought before is not shown to it again.
    if (part.type === "reasoning") return [];
    throw new RagInstructError(
      "bad-input",
      `a GGUF model takes text alone, and a ${role} message holds a ${part.type}`,
    );
  });
  return texts.join("\n");
}

const reasons = {
  eogToken: "stop",
  stopGenerationTrigger: "stop",
  customStopTrigger: "stop",
  maxTokens: "length",
  abort: "other",
  functionCalls: "tool-calls",
} as const satisfies Record<GgufReply["stopReason"], GenerateResult["finishReason"]["unified"]>;

function endOf(reply: GgufReply): Pick<GenerateResult, "finishReason" | "usage"> {
  const { stopReason, promptTokens, cachedTokens, outputTokens } = reply;
  return {
    finishReason: { unified: reasons[stopReason], raw: stopReason },
    usage: {
      inputTokens: {
        total: promptTokens,
        noCache: promptTokens - cachedTokens,
        cacheRead: cachedTokens,
        cacheWrite: undefined,
      },
      outputTokens: { total: outputTokens, text: undefined, reasoning: undefined },
    },
  };
}

function warningsOf({ tools }: CallOptions, reply?: GgufReply): Warning[] {
  const warnings: Warning[] = [];
  if (tools?.length) warnings.push({ type: "unsupported", feature: "tools" });
  if (reply?.refusedSchema)
    warnings.push({ type: "unsupported", feature: "responseFormat", details: reply.refusedSchema });
  return warnings;
}

/** The parts of a stream: a block opens with the first text of its kind. */
class StreamParts {
  readonly #emit: (part: StreamPart) => void;
  #blocks = 0;
  #open: "text" | "reasoning" | undefined;

  constructor(emit: (part: StreamPart) => void) {
    this.#emit = emit;
  }

  add({ isThought, text }: GgufReply["segments"][number]): void {
    const type = isThought ? "reasoning" : "text";
    if (this.#open !== type) {
      this.end();
      this.#open = type;
      this.#emit({ type: `${type}-start`, id: `${++this.#blocks}` });
    }
    this.#emit({ type: `${type}-delta`, id: `${this.#blocks}`, delta: text });
  }

  end(): void {
    if (this.#open) this.#emit({ type: `${this.#open}-end`, id: `${this.#blocks}` });
    this.#open = undefined;
  }
}

const magic = "GGUF";
// Two models of one kind differ in all their weights, so a few looks tell them apart; a hash of tens of gigabytes would take a minute.
const sampled = 64;
const sampleBytes = 16_384;

/**
 * The id of a GGUF file's model: its name without the folder, and eight hex digits that follow from its size and from samples of a
 * megabyte in all, so that files of one name with other weights never share replies.
 * Throws `file-missing`, `unknown-format` for a file of another kind, and `file-corrupt`.
 */
export function nameGguf(path: string): string {
  const file = openGguf(path);
  try {
    const { size } = fstatSync(file);
    const hash = createHash("sha256").update(`${size}`);
    const bytes = Buffer.alloc(sampleBytes);
    const step = Math.max(sampleBytes, Math.floor(size / sampled));
    for (let at = 0; at < size; at += step) hash.update(bytes.subarray(0, readSync(file, bytes, 0, sampleBytes, at)));
    return `${basename(path)}@${hash.digest("hex").slice(0, 8)}`;
  } finally {
    closeSync(file);
  }
}

function openGguf(path: string): number {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw new RagInstructError("file-missing", `there is no model at ${path}; name a GGUF file`, { cause });
  }
  try {
    checkHeader(file, path);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

// "GGUF", the version, and how many tensors and fields there are.
const headerBytes = 24;
const minFieldBytes = 13;
const minTensorBytes = 24;

/** A reader that believes a broken header would look for billions of fields. */
function checkHeader(file: number, path: string): void {
  const stats = fstatSync(file);
  const header = Buffer.alloc(headerBytes);
  if (stats.isFile()) readSync(file, header, 0, headerBytes, 0);
  if (header.toString("latin1", 0, magic.length) !== magic)
    throw new RagInstructError("unknown-format", `${path} is no GGUF file: it does not begin with "${magic}"`);
  const [tensors, fields] = [header.readBigUInt64LE(8), header.readBigUInt64LE(16)];
  const least = BigInt(headerBytes) + tensors * BigInt(minTensorBytes) + fields * BigInt(minFieldBytes);
  if (fields === 0n || least > BigInt(stats.size))
    throw new RagInstructError("file-corrupt", `${path} is not whole, or no GGUF file; download it again`);
}
