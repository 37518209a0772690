import { z } from "zod/v4";
import { count, option, quantity, text } from "./option.ts";

// Shapes are constants, so that the build can put what is said of each option above it in the published declarations.

const endpointShape = {
  name: option(text, "Model id as the endpoint knows it."),
  baseUrl: option(
    z
      .url({ protocol: /^https?$/, error: "must be an address such as http://127.0.0.1:11434/v1" })
      .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), {
        error: "must hold no user and password; name the variable that holds the key in keyVariable",
      })
      .optional(),
    "Root of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1.",
    { otherwise: "OpenAI's own" },
  ),
  keyVariable: option(text.optional(), "Environment variable that holds the key.", { otherwise: '"OPENAI_API_KEY"' }),
};

/** A model behind an OpenAI-compatible address. */
export interface Endpoint extends z.output<z.ZodObject<typeof endpointShape>> {}

/** Schema of {@link Endpoint}. */
export const endpoint = z.strictObject(endpointShape);

const ggufShape = {
  gguf: option(
    text,
    "A GGUF file, which is run here by node-llama-cpp; or hf:owner/name/file.gguf, which is downloaded once.",
  ),
  gpu: option(
    z.union([z.enum(["auto", "cuda", "metal", "vulkan"]), z.literal(false)]).optional(),
    "The graphics card's interface; false for the CPU alone.",
    { otherwise: '"auto"' },
  ),
  threads: option(count.optional(), "Threads of the CPU.", { otherwise: "one less than there are cores" }),
  contextTokens: option(count.optional(), "Tokens of prompt and reply together at most.", {
    otherwise: "what the model was trained with",
  }),
};

/** A model that runs here, from a GGUF file. */
export interface GgufChoice extends z.output<z.ZodObject<typeof ggufShape>> {}

/** Schema of {@link GgufChoice}. */
export const gguf: z.ZodType<GgufChoice, GgufChoice> = z.strictObject(ggufShape);

const settingsShape = {
  temperature: option(z.number().min(0).max(2).optional(), "Temperature of sampling, 0 to 2.", {
    otherwise: "the endpoint's own",
  }),
  topP: option(z.number().min(0).max(1).optional(), "Share of probability that tokens are sampled from, 0 to 1.", {
    otherwise: "the endpoint's own",
  }),
  maxOutputTokens: option(count.optional(), "Tokens of one reply at most, thinking included.", {
    otherwise: "2048, and 8192 where that cut a reply off; 4096 in batches",
  }),
  seed: option(z.int().optional(), "Seed of the endpoint's sampling, where it takes one.", { otherwise: "none" }),
  stop: option(z.array(text).readonly().optional(), "Texts at which a reply ends.", { otherwise: "none" }),
  reasoningEffort: option(
    z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).optional(),
    "How much a reasoning model thinks.",
    { otherwise: "the endpoint's own" },
  ),
  headers: option(
    z.record(z.string(), z.string()).readonly().optional(),
    "Headers of every request. One that holds a key is kept in no file.",
    { otherwise: "none" },
  ),
  body: option(
    z.record(z.string(), z.unknown()).readonly().optional(),
    "Fields of every request's JSON body, for what only this endpoint knows.",
    { otherwise: "none" },
  ),
};

/** How the language model is asked. */
export interface SettingsChoice extends z.output<z.ZodObject<typeof settingsShape>> {}

/** Schema of {@link SettingsChoice}. */
export const modelSettings: z.ZodType<SettingsChoice, SettingsChoice> = z.strictObject(settingsShape);

const budgetShape = {
  usd: option(quantity.optional(), "US dollars; needs the price of every model that is called."),
  tokens: option(quantity.optional(), "Input and output tokens together."),
};

/** A ceiling over what a run pays for. */
export interface Budget extends z.output<z.ZodObject<typeof budgetShape>> {}
/** Schema of {@link Budget}. */
export const budget: z.ZodType<Budget, Budget> = z.strictObject(budgetShape);

/** Schema of US dollars per million tokens by model id; `batchShare` is the part that is charged through the batch API. */
export const prices = z
  .record(
    z.string(),
    z.strictObject({
      inputPerMillion: quantity,
      outputPerMillion: quantity,
      cachedInputPerMillion: quantity.optional(),
      batchShare: quantity.default(1),
    }),
  )
  .readonly();

/** Schema of what an endpoint allows in a minute. */
export const rateLimits = z.strictObject({
  requestsPerMinute: quantity.optional(),
  tokensPerMinute: quantity.optional(),
});
