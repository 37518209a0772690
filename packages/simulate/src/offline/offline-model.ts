import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import { RagInstructError, seededRandom } from "@rag-instruct/core";
import { z } from "zod";
import { offlineReply } from "./offline-reply.ts";

/** Provider and model id of the offline model; everything it makes carries the id. */
export const offlineProvider = "rag-instruct.offline";
export const offlineModelId = "offline-extractive";

const taskSchema = z.object({
  relation: z.object({
    answerStated: z.union([z.boolean(), z.literal("either")]),
    documentsAre: z.enum(["required", "helpful", "useless"]),
  }),
  task: z.enum([
    "open",
    "comparison",
    "multi-hop",
    "yes-no",
    "multiple-choice",
    "how-to",
    "summary",
    "list",
    "claim",
    "long-form",
  ]),
  documents: z.array(z.object({ title: z.string(), text: z.string() })).min(1),
  seed: z.string(),
});

/** What the offline model needs to know of its task, in `providerOptions.ragInstruct`. */
export type OfflineTask = z.infer<typeof taskSchema>;

/**
 * A language model that needs no key, no network and no weights: it asks what whole sentences of the documents answer (who, when, how
 * many, what something is, what happens if), reckons with their numbers and dates for support, and takes general knowledge from a list for
 * a document that does not help. Where a passage holds nothing of that kind its reply says so, and the pair is rejected. Deterministic.
 * For trying the flow and for tests; its questions are ones that a person could ask, and no material to train on. It reads its task from
 * `providerOptions.ragInstruct`, never from a prompt.
 */
export function offlineModel(): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: offlineProvider,
    modelId: offlineModelId,
    supportedUrls: {},
    async doGenerate(options) {
      options.abortSignal?.throwIfAborted();
      return freeReply(writeReply(readTask(options)));
    },
    doStream() {
      throw new RagInstructError("bad-option", "the offline model does not stream; use generateText");
    },
  };
}

/** A reply that nobody charges for. */
export function freeReply(text: string): LanguageModelV4GenerateResult {
  return {
    content: [{ type: "text", text }],
    finishReason: { unified: "stop", raw: undefined },
    usage: {
      inputTokens: { total: 0, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 0, text: undefined, reasoning: undefined },
    },
    warnings: [],
  };
}

function readTask({ providerOptions }: LanguageModelV4CallOptions): OfflineTask {
  const result = taskSchema.safeParse(providerOptions?.ragInstruct);
  if (result.success) return result.data;
  throw new RagInstructError(
    "bad-option",
    "the offline model answers synthesis tasks alone: use it through synthesize()",
  );
}

function writeReply({ relation, task, documents, seed }: OfflineTask): string {
  const reply = offlineReply({ relation, task, documents }, seededRandom("offline", seed));
  return reply === undefined ? nothingToAsk : JSON.stringify(reply);
}

/** What it replies where it has no question; not asked again. */
export const nothingToAsk =
  "The documents hold nothing in whole sentences that the offline model can ask about in this form.";
