import type { LanguageModelV4 } from "@ai-sdk/provider";

/** A model that always gives one reply; `calls` counts how often it was asked. */
export function fixedModel(text: string): LanguageModelV4 & { readonly calls: number } {
  let calls = 0;
  return {
    specificationVersion: "v4",
    provider: "test.fixed",
    modelId: text,
    supportedUrls: {},
    get calls() {
      return calls;
    },
    async doGenerate() {
      calls++;
      return {
        content: [{ type: "text", text }],
        finishReason: { unified: "stop", raw: undefined },
        usage: {
          inputTokens: { total: 0, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: 0, text: undefined, reasoning: undefined },
        },
        warnings: [],
      };
    },
    doStream() {
      throw new Error("this model does not stream");
    },
  };
}
