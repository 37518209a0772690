import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { readJson } from "./model-files.ts";

/** Token ids of a text, special ones included, at most as many as the model takes. */
export type Tokenize = (text: string) => number[];

/** Characters looked at for each token that may be kept: real words take 4 to 6, and one token has rarely more than this. */
const charactersPerToken = 64;

/**
 * Reads a model's tokenizer. The limit is the model's own: the truncation written into many a tokenizer.json is not, nor is
 * its padding. Throws `file-missing` and `file-corrupt`.
 */
export async function readTokenizer(
  folder: string,
  { maxTokens, lowerCase }: { maxTokens: number; lowerCase: boolean },
): Promise<Tokenize> {
  const tokenizer = new Tokenizer(
    await readJson(join(folder, "tokenizer.json")),
    await readJson(join(folder, "tokenizer_config.json")),
  );
  const idsOf = (text: string, special: boolean): number[] => {
    const { ids }: { ids: number[] } = tokenizer.encode(text, { add_special_tokens: special });
    return ids;
  };
  const { prefix, suffix } = specialTokens(idsOf);
  const room = Math.max(0, maxTokens - prefix.length - suffix.length);
  const idsWithin = (text: string): number[] => {
    // A book of one line costs no more than what is kept of it; where that was too little, the whole is read.
    const head = text.length > room * charactersPerToken ? idsOf(cut(text, room * charactersPerToken), false) : [];
    return head.length > room ? head : idsOf(text, false);
  };
  return (text) => [...prefix, ...idsWithin(lowerCase ? text.toLowerCase() : text).slice(0, room), ...suffix];
}

/** The text up to a white space, so that no word is cut. */
function cut(text: string, length: number): string {
  const space = text.lastIndexOf(" ", length);
  return text.slice(0, space < 0 ? text.length : space);
}

/** The special tokens before and behind a text: what the empty text has, cut where any other text begins. */
function specialTokens(idsOf: (text: string, special: boolean) => number[]): { prefix: number[]; suffix: number[] } {
  const empty = idsOf("", true);
  const filled = idsOf("a", true);
  const differs = empty.findIndex((id, i) => id !== filled[i]);
  const cut = differs < 0 ? empty.length : differs;
  return { prefix: empty.slice(0, cut), suffix: empty.slice(cut) };
}
