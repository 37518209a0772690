/**
 * Models behind OpenAI-compatible addresses, as objects of the AI SDK (needs the peers `ai`, `@ai-sdk/openai` and
 * `@ai-sdk/openai-compatible`). The address becomes part of the provider's name, and with it of every ledger key, so that whoever opens a
 * model by these functions finds the replies that another has paid for.
 *
 * @example
 * import { openCalls } from "@rag-instruct/core/calls";
 * import { languageModelAt } from "@rag-instruct/core/endpoints";
 *
 * const model = languageModelAt({ name: "llama3.1", baseUrl: "http://127.0.0.1:11434/v1" });
 * await using calls = await openCalls({ ledger: "ledger.jsonl" });
 * const { text } = await calls.ask({ model, prompt: "Name three rivers.", version: "rivers 1" });
 *
 * @module
 */
export {
  embeddingModelAt,
  endpointAddress,
  endpointHost,
  endpointKey,
  languageModelAt,
  type ModelPlace,
} from "./models-at.ts";
