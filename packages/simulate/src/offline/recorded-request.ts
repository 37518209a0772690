import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import type { ModelObject } from "@rag-instruct/core/calls";

/** Provider and model id of replies that were recorded in advance; every pair made of one carries the id. */
export const recordedProvider = "rag-instruct.recorded";
export const recordedModelId = "recorded";

/** What is asked of a recorded model beside the prompt, which it never reads. */
export type RecordedRequest =
  | { as: "write"; paradigm: string; exemplar: string; documents: readonly string[] }
  // `question` is the pair's, with its options; `shown` says how many of its documents the reader sees.
  | { as: "judge"; question: string }
  | { as: "noise"; question: string }
  | { as: "read"; question: string; shown: number }
  | { as: "compare"; question: string; answer: string };

/** What a recorded model needs to know of a request; nothing for any other model. */
export function recordedOptions(
  { provider }: Pick<ModelObject, "provider">,
  request: RecordedRequest,
): Record<string, JSONObject> | undefined {
  return provider === recordedProvider ? { ragInstruct: { ...request } as Record<string, JSONValue> } : undefined;
}
