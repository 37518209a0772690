import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { readJsonIfThere } from "../model-files.ts";
import { checkSettings } from "./check-settings.ts";
import { openTokenizer } from "./open-tokenizer.ts";
import { type PostProcessorFile, specialTokens } from "./special-tokens.ts";

/** Token ids of a text, special ones included, at most as many as the model takes. */
export type Tokenize = (text: string) => number[];

/** Characters looked at for each token that may be kept: real words take 4 to 6, and one token has rarely more than this. */
const charactersPerToken = 64;
/** Tokens of a text without spaces that lie so far from its cut end are those of the whole text. */
const farFromCut = 64;

/**
 * Reads a model's tokenizer. The limit is the model's own: the truncation written into many a tokenizer.json is not, nor is
 * its padding. Throws `file-missing`, `file-corrupt` and `unknown-format`; so does the tokenizer for a text that has a word
 * which it has no token for.
 */
export async function readTokenizer(
  folder: string,
  { maxTokens, lowerCase }: { maxTokens: number; lowerCase: boolean },
): Promise<Tokenize> {
  const path = join(folder, "tokenizer.json");
  const file = await readJsonIfThere(path);
  if (!file) {
    const advice = "AutoTokenizer of transformers writes it, by from_pretrained and save_pretrained";
    throw new RagInstructError("file-missing", `${path} is not there; ${advice}`);
  }
  const tokenizer = openTokenizer(path, file);
  const special = specialTokens(file.post_processor as PostProcessorFile | null);
  const settings = (await readJsonIfThere(join(folder, "tokenizer_config.json"))) ?? {};
  checkSettings(settings, { path, tokenizer, special });
  const { prefix, suffix } = special;
  const room = Math.max(0, maxTokens - prefix.length - suffix.length);
  const idsOf = (text: string): number[] => {
    const { ids, tokens } = tokenizer.encode(text, { add_special_tokens: false });
    const unknown = ids.findIndex((id: number | undefined) => id === undefined);
    if (unknown < 0) return ids;
    const what = JSON.stringify(tokens[unknown] ?? text.slice(0, 40));
    throw new RagInstructError(
      "unknown-format",
      `${path} has no token for ${what} and none for what is unknown: name a token of its vocabulary as the model's unk_token`,
    );
  };
  const idsWithin = (text: string): number[] => {
    // A book of one line costs no more than what is kept of it; where that was too little, the whole is read.
    if (text.length <= room * charactersPerToken) return idsOf(text);
    const { head, spare } = cut(text, room * charactersPerToken);
    const ids = idsOf(head);
    return ids.length > room + spare ? ids : idsOf(text);
  };
  return (text) => [...prefix, ...idsWithin(lowerCase ? text.toLowerCase() : text).slice(0, room), ...suffix];
}

/** The beginning of a text up to a space, so that no word is cut, or to any character, and how many tokens are then unsure. */
function cut(text: string, length: number): { head: string; spare: number } {
  const space = text.lastIndexOf(" ", length);
  if (space > 0) return { head: text.slice(0, space), spare: 0 };
  return { head: text.slice(0, length).toWellFormed(), spare: farFromCut };
}
