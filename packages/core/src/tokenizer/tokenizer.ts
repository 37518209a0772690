import { join } from "node:path";
import { RagInstructError } from "../errors.ts";
import { readJsonFile } from "../node/files.ts";
import { type LibraryTokenizer, mendedTokenizer } from "./mended-tokenizer.ts";

/** A model's tokenizer. Neither adds special tokens, nor cuts at a length, whatever `tokenizer.json` says of truncation. */
export interface Tokenizer {
  /** Token ids of a text. Throws `unknown-format` for a word that has no token where the model has none for unknown words. */
  ids(text: string): number[];
  /** The tokens themselves, as the vocabulary spells them. */
  tokens(text: string): string[];
}

/**
 * Reads the `tokenizer.json` of a model's folder, which alone decides, as for Python's tokenizers, whose ids these are. Throws
 * `file-missing`, `file-corrupt` and `unknown-format`.
 */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  return (await readParts(folder)).tokenizer;
}

/** Characters looked at for each token that may be kept: real words take 4 to 6, and one token has rarely more than this. */
const charactersPerToken = 64;
/** Tokens of a text without spaces that lie so far from its cut end are those of the whole text. */
const farFromCut = 64;

/**
 * What turns texts into the input of the model in a folder: token ids with the special ones around them, at most `maxTokens`.
 * The limit is the model's own: the truncation written into many a tokenizer.json is not, nor is its padding. Throws
 * `file-missing`, `file-corrupt`, and `unknown-format`, also where `tokenizer_config.json` says otherwise than
 * `tokenizer.json`. What it returns calls `onCut` where only the beginning of the text is kept, and throws as
 * {@link Tokenizer.ids} does.
 * @param options.lowerCase put texts in lower case first, as some models ask besides what their tokenizer does
 */
export async function inputTokenizer(
  folder: string,
  { maxTokens, lowerCase }: { maxTokens: number; lowerCase: boolean },
): Promise<(text: string, onCut?: () => void) => number[]> {
  const { tokenizer, mended, file, path } = await readParts(folder);
  const special = specialTokens(file.post_processor as PostProcessorFile | null);
  const settings = (await readJsonFile<Record<string, unknown>>(join(folder, "tokenizer_config.json"))) ?? {};
  checkSettings(settings, { path, tokenizer: mended, special });
  const { prefix, suffix } = special;
  const room = Math.max(0, maxTokens - prefix.length - suffix.length);
  const idsWithin = (text: string): number[] => {
    // A book of one line costs no more than what is kept of it; where that was too little, the whole is read.
    if (text.length <= room * charactersPerToken) return tokenizer.ids(text);
    const { head, spare } = cut(text, room * charactersPerToken);
    const ids = tokenizer.ids(head);
    return ids.length > room + spare ? ids : tokenizer.ids(text);
  };
  return (text, onCut) => {
    const ids = idsWithin(lowerCase ? text.toLowerCase() : text);
    if (ids.length > room) onCut?.();
    return [...prefix, ...ids.slice(0, room), ...suffix];
  };
}

/** The beginning of a text up to a space, so that no word is cut, or to any character, and how many tokens are then unsure. */
function cut(text: string, length: number): { head: string; spare: number } {
  const space = text.lastIndexOf(" ", length);
  if (space > 0) return { head: text.slice(0, space), spare: 0 };
  return { head: text.slice(0, length).toWellFormed(), spare: farFromCut };
}

interface Parts {
  path: string;
  file: Record<string, unknown>;
  mended: LibraryTokenizer;
  tokenizer: Tokenizer;
}

async function readParts(folder: string): Promise<Parts> {
  const path = join(folder, "tokenizer.json");
  const file = await readJsonFile<Record<string, unknown>>(path);
  if (!file) {
    const advice = "AutoTokenizer of transformers writes it, by from_pretrained and save_pretrained";
    throw new RagInstructError("file-missing", `${path} is not there; ${advice}`);
  }
  const mended = mendedTokenizer(path, file);
  const encode = (text: string) => mended.encode(text, { add_special_tokens: false });
  const ids = (text: string): number[] => {
    const { ids, tokens } = encode(text);
    const unknown = ids.findIndex((id: number | undefined) => id === undefined);
    if (unknown < 0) return ids;
    const what = JSON.stringify(tokens[unknown] ?? text.slice(0, 40));
    throw new RagInstructError(
      "unknown-format",
      `${path} has no token for ${what} and none for what is unknown: name a token of its vocabulary as the model's unk_token`,
    );
  };
  return { path, file, mended, tokenizer: { ids, tokens: (text) => encode(text).tokens } };
}

/** Token ids that a tokenizer puts around a text. */
interface SpecialTokens {
  prefix: number[];
  suffix: number[];
}

/** What `tokenizer.json` says of a post-processor, as far as it is read here. */
interface PostProcessorFile {
  type?: string;
  /** Of a template, whose parts name their tokens. */
  single?: { SpecialToken?: { id: string }; Sequence?: object }[];
  special_tokens?: Record<string, { ids: number[] }>;
  /** A token and its id. */
  cls?: [string, number];
  sep?: [string, number];
  processors?: PostProcessorFile[];
}

/** The special tokens around a single text, by the ids that stand in the file. */
function specialTokens(file: PostProcessorFile | null | undefined): SpecialTokens {
  const { single = [], special_tokens = {}, cls, sep, processors = [] } = file ?? {};
  if (cls && sep) return { prefix: [cls[1]], suffix: [sep[1]] };
  const inner: SpecialTokens = { prefix: [], suffix: [] };
  for (const { prefix, suffix } of processors.map(specialTokens)) {
    inner.prefix.unshift(...prefix);
    inner.suffix.push(...suffix);
  }
  const text = single.findIndex(({ Sequence }) => Sequence !== undefined);
  const ids = single.map(({ SpecialToken }) => (SpecialToken ? (special_tokens[SpecialToken.id]?.ids ?? []) : []));
  return {
    prefix: [...ids.slice(0, Math.max(0, text)).flat(), ...inner.prefix],
    suffix: [...inner.suffix, ...ids.slice(text + 1).flat()],
  };
}

interface Settings {
  do_lower_case?: unknown;
  add_bos_token?: unknown;
  add_eos_token?: unknown;
  bos_token?: unknown;
  eos_token?: unknown;
}

/**
 * Compares `tokenizer_config.json` with the tokenizer that stands in `tokenizer.json`: transformers goes by the first where
 * they differ, everyone else by the second. Throws `unknown-format`, saying both.
 */
function checkSettings(
  settings: Record<string, unknown>,
  { path, tokenizer, special }: { path: string; tokenizer: LibraryTokenizer; special: SpecialTokens },
): void {
  const { do_lower_case, add_bos_token, add_eos_token, bos_token, eos_token }: Settings = settings;
  const refuse = (says: string, does: string) => {
    const message = `tokenizer_config.json says ${says} where ${path} ${does}; save the tokenizer again by transformers`;
    throw new RagInstructError("unknown-format", message);
  };
  const { type, lowercase } = tokenizer.normalizer?.config ?? {};
  const differs = typeof do_lower_case === "boolean" && typeof lowercase === "boolean" && do_lower_case !== lowercase;
  if (type === "BertNormalizer" && differs)
    refuse(`do_lower_case is ${do_lower_case}`, `says lowercase is ${lowercase}`);
  const idOf = (token: unknown) => tokenizer.token_to_id(contentOf(token));
  if (add_bos_token === true && bos_token && special.prefix[0] !== idOf(bos_token)) {
    refuse("add_bos_token is true", `puts no ${contentOf(bos_token)} first`);
  }
  if (add_eos_token === true && eos_token && special.suffix.at(-1) !== idOf(eos_token)) {
    refuse("add_eos_token is true", `puts no ${contentOf(eos_token)} last`);
  }
}

/** A token as text, or with what else is said of it. */
function contentOf(token: unknown): string {
  return String(typeof token === "object" ? (token as { content?: unknown } | null)?.content : token);
}
