import type { FlexibleSchema, generateText, LanguageModel } from "ai";
import type { Deadline } from "./deadline.ts";

/** Options of the AI SDK's generateText. */
export type GenerateTextOptions = Parameters<typeof generateText>[0];

/** A question to a language model. */
export interface AskRequest {
  /** A model object of the AI SDK, not a bare id. */
  model: Exclude<LanguageModel, string>;
  instructions?: string;
  prompt: string;
  /** Zod schema of the reply, sent as structured output where the model takes one. The reply is not checked against it here. */
  schema?: FlexibleSchema<unknown>;
  /** Name of the prompt's version. */
  version: string;
  /** Temperature, seed and the like, as the AI SDK names them; part of the key. */
  settings?: Pick<GenerateTextOptions, "maxOutputTokens" | "temperature" | "topP" | "seed" | "stopSequences">;
  /** Passed to the provider; part of the key. */
  providerOptions?: NonNullable<GenerateTextOptions["providerOptions"]>;
  /** Counts up to ask the same question once more, because the ledger would give the old reply again. @default 0 */
  repeat?: number;
  /** Shared by the calls of one task. @default a new one of the run's `deadline` */
  deadline?: Deadline;
  signal?: AbortSignal;
}

/** What a language model replied. */
export interface TextReply {
  text: string;
  finishReason: string;
}
