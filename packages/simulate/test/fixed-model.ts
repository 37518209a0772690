import type { LanguageModelV4 } from "@ai-sdk/provider";
import { freeReply } from "../src/offline/offline-model.ts";

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
      return freeReply(text);
    },
    doStream() {
      throw new Error("this model does not stream");
    },
  };
}
