import { isObject } from "@rag-instruct/core";
import { type Endpoint, endpoint, type GgufChoice, gguf, z } from "@rag-instruct/core/options";
import type { LanguageModel } from "ai";

/** What stands in for a language model, free and at once: the offline model, or the replies recorded in advance for the demo's documents. */
export type StandIn = "offline" | "recorded";

/** A language model: an object of the AI SDK, an OpenAI-compatible server, a GGUF file, or what stands in for one. */
export type ModelChoice = Exclude<LanguageModel, string> | StandIn | Endpoint | GgufChoice;

/** Schema of a {@link ModelChoice}. */
export const languageModel: z.ZodType<ModelChoice, ModelChoice> = z.union(
  [
    z.literal("offline"),
    z.literal("recorded"),
    z.custom<Exclude<LanguageModel, string>>((value) => isObject(value) && "doGenerate" in value),
    endpoint,
    gguf,
  ],
  {
    error:
      'must be "offline", { name: "gpt-4o-mini" }, { name, baseUrl }, or a model object of the AI SDK, or { gguf: "model.gguf" }',
  },
);

/** Whether a choice stands in for a model. */
export function isStandInChoice(choice: ModelChoice): choice is StandIn {
  return typeof choice === "string";
}

/** Whether a choice is a model object, which only a program can hold. */
export function isModelObject(choice: ModelChoice): choice is Exclude<LanguageModel, string> {
  return typeof choice === "object" && "doGenerate" in choice;
}

/** Whether a choice names an endpoint, rather than being a model object. */
export function isEndpoint(choice: ModelChoice): choice is Endpoint {
  return typeof choice === "object" && "name" in choice && !isModelObject(choice);
}

/** Whether a choice is a GGUF file. */
export function isGguf(choice: ModelChoice): choice is GgufChoice {
  return typeof choice === "object" && "gguf" in choice;
}

/** Whether the name of a model is that of a GGUF file, on this machine or on the hub. */
export function isGgufName(name: string): boolean {
  return /\.gguf$/i.test(name) || isOnHub(name);
}

/** Whether a GGUF file is on the hub. */
export function isOnHub(gguf: string): boolean {
  return gguf.startsWith("hf:");
}
