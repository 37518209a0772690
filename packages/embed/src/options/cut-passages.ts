import { numberText, type Passage, tokensAbout } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { nameEmbedding } from "./describe-embedding.ts";
import type { EmbeddingChoice } from "./embedding-options.ts";

/**
 * Says of passages that are longer than a model reads how many they are; undefined where none is. Tokens are told from characters.
 * @param model.maxTokens tokens that it reads
 */
export function cutPassages(
  passages: readonly Pick<Passage, "title" | "text">[],
  { name, maxTokens }: { name: string; maxTokens: number },
): string | undefined {
  const lengths = passages.map(({ title, text }) => tokensAbout(title, text));
  const cut = lengths.filter((tokens) => tokens > maxTokens);
  if (cut.length === 0) return undefined;
  const longest = cut.reduce((most, tokens) => Math.max(most, tokens), 0);
  const share = `${numberText(cut.length)} of the ${numberText(passages.length)} passages looked at`;
  return `${name} reads ${numberText(maxTokens)} tokens, and ${share} are longer: the longest has about ${numberText(longest)}`;
}

/** Says the same of a choice by the files of its model alone; undefined also where they are not here, or say no limit. Nothing is fetched or run. */
export async function cutPassagesOf(
  choice: EmbeddingChoice,
  passages: readonly Pick<Passage, "title" | "text">[],
): Promise<string | undefined> {
  const maxTokens = await tokensRead(choice);
  return maxTokens === undefined ? undefined : cutPassages(passages, { name: nameEmbedding(choice), maxTokens });
}

async function tokensRead(choice: EmbeddingChoice): Promise<number | undefined> {
  if ("embed" in choice) return choice.maxTokens;
  if (!("model" in choice)) return undefined;
  const { model, maxTokens } = choice;
  if (maxTokens !== undefined) return maxTokens;
  try {
    const { downloadModel } = await import("../hub/download-model.ts");
    const { readModelConfig } = await import("../model/model-config.ts");
    const folder = (await isThere(model)) ? model : await downloadModel({ model, offline: true });
    return (await readModelConfig(folder)).maxTokens;
  } catch {
    // Whoever runs the model is told what is wrong with it.
    return undefined;
  }
}
