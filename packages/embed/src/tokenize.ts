import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { readJson } from "./model-folder.ts";

/** Token ids of a text, special ones included, at most as many as the model takes. */
export type Tokenize = (text: string) => number[];

/**
 * Reads a model's tokenizer. The limit is the model's own: the truncation written into many a tokenizer.json is not.
 */
export async function readTokenizer(folder: string, { maxTokens }: { maxTokens: number }): Promise<Tokenize> {
  const tokenizer = new Tokenizer(
    (await readJson(join(folder, "tokenizer.json"))) as object,
    (await readJson(join(folder, "tokenizer_config.json"))) as object,
  );
  const idsOf = (text: string, special: boolean): number[] => {
    const { ids }: { ids: number[] } = tokenizer.encode(text, { add_special_tokens: special });
    return ids;
  };
  const { prefix, suffix } = specialTokens(idsOf);
  const room = maxTokens - prefix.length - suffix.length;
  return (text) => [...prefix, ...idsOf(text, false).slice(0, room), ...suffix];
}

/** The special tokens before and behind a text: what the empty text has, cut where any other text begins. */
function specialTokens(idsOf: (text: string, special: boolean) => number[]): { prefix: number[]; suffix: number[] } {
  const empty = idsOf("", true);
  const filled = idsOf("a", true);
  const differs = empty.findIndex((id, i) => id !== filled[i]);
  const cut = differs < 0 ? empty.length : differs;
  return { prefix: empty.slice(0, cut), suffix: empty.slice(cut) };
}
