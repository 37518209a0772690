import * as library from "@huggingface/tokenizers";
import { RagInstructError } from "../errors.ts";
import {
  type BertOptions,
  bertNormalizer,
  charsmapNormalizer,
  cutAtMarks,
  cutAtNumbers,
  cutAtSpace,
  cutBert,
  cutWords,
  lowercase,
  splitBy,
  stripNormalizer,
} from "./tokenizer-parts.ts";

/** A normaliser of @huggingface/tokenizers. */
interface Normalizer {
  config: Record<string, unknown>;
  normalize(text: string): string;
}

/** A pre-tokenizer of @huggingface/tokenizers. */
interface PreTokenizer {
  pre_tokenize_text(text: string, options?: object): string[];
}

/** The tokenizer of @huggingface/tokenizers, whose parts may be replaced. */
export interface LibraryTokenizer {
  normalizer: Normalizer | null;
  pre_tokenizer: PreTokenizer | null;
  token_to_id(token: string): number | undefined;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[]; tokens: string[] };
}

/** Tells classes apart that have the same members. */
type Kind<T, Name extends string> = T & { readonly _kind: Name };
type Class<T, A extends unknown[] = never[]> = new (...args: A) => T;

interface Library {
  Tokenizer: Class<LibraryTokenizer, [file: object, config: object]>;
  Normalizer: Class<Pick<Normalizer, "config">, [config: object]>;
  BertNormalizer: Class<Kind<Normalizer, "Bert">>;
  LowercaseNormalizer: Class<Kind<Normalizer, "Lowercase">>;
  PrecompiledNormalizer: Class<Normalizer & { charsmap: unknown }>;
  SequenceNormalizer: Class<Normalizer & { normalizers: (Normalizer | null)[] }>;
  StripNormalizer: Class<Kind<Normalizer, "Strip">>;
  PreTokenizer: Class<object, []>;
  BertPreTokenizer: Class<Kind<PreTokenizer, "Bert">>;
  DigitsPreTokenizer: Class<Kind<PreTokenizer, "Digits">>;
  MetaspacePreTokenizer: Class<PreTokenizer & { replacement: string; prepend_scheme: string }>;
  PunctuationPreTokenizer: Class<Kind<PreTokenizer, "Punctuation">>;
  SequencePreTokenizer: Class<PreTokenizer & { tokenizers: (PreTokenizer | null)[] }>;
  SplitPreTokenizer: Class<PreTokenizer & { pattern: RegExp | null }>;
  WhitespacePreTokenizer: Class<Kind<PreTokenizer, "Whitespace">>;
  WhitespaceSplitPreTokenizer: Class<Kind<PreTokenizer, "WhitespaceSplit">>;
}

/** The package with types: its own name files without their endings, which ES modules do not resolve. */
const tokenizers = library as unknown as Library;

/** What `tokenizer.json` says of the vocabulary, as far as it is read here. */
interface ModelFile {
  vocab?: unknown;
  merges?: unknown;
  unk_token?: string;
  byte_fallback?: boolean;
  continuing_subword_prefix?: string;
}

/** What it says of a pre-tokenizer. */
interface PreTokenizerFile {
  pretokenizers?: PreTokenizerFile[];
  behavior?: string;
  invert?: boolean;
  individual_digits?: boolean;
  split?: boolean;
  prepend_scheme?: string;
  add_prefix_space?: boolean;
}

/**
 * The tokenizer that a `tokenizer.json` describes, as Python's tokenizers runs it: by that file alone, since other settings
 * are for tokenizers in Python's code. Throws `file-corrupt` and, for parts that are not known, `unknown-format`.
 */
export function mendedTokenizer(path: string, file: Record<string, unknown>): LibraryTokenizer {
  const model = (file.model ?? {}) as ModelFile;
  if (!model.vocab)
    throw new RagInstructError("file-corrupt", `${path} has no model with a vocabulary; fetch it again`);
  if (model.byte_fallback && Array.isArray(model.vocab))
    throw unknown(path, "a Unigram model that falls back to bytes");
  if (model.merges && model.continuing_subword_prefix) throw unknown(path, "pieces of BPE with a prefix");
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  let tokenizer: LibraryTokenizer;
  try {
    // Only a WordLevel model reads its unknown token from there.
    const config = { unk_token: model.unk_token };
    tokenizer = new tokenizers.Tokenizer({ ...parts, added_tokens: [], ...file }, config);
  } catch (cause) {
    throw unknown(path, (cause as Error).message, cause);
  }
  tokenizer.normalizer = mendNormalizer(tokenizer.normalizer);
  tokenizer.pre_tokenizer = mendPreTokenizer(tokenizer.pre_tokenizer, file.pre_tokenizer as PreTokenizerFile | null);
  return tokenizer;
}

function unknown(path: string, what: string, cause?: unknown): RagInstructError {
  return new RagInstructError("unknown-format", `${path} cannot be used: ${what}`, { cause });
}

class MendedNormalizer extends tokenizers.Normalizer implements Normalizer {
  readonly normalize: (text: string) => string;

  constructor({ config }: Normalizer, normalize: (text: string) => string) {
    super(config);
    this.normalize = normalize;
  }
}

/**
 * The same normaliser, with those parts replaced that give other texts than Python's tokenizers does, by which models are
 * trained: upper case is lowered letter by letter (no final sigma), Chinese characters beyond the first plane stand alone,
 * and the map of a SentencePiece model is used instead of NFKC.
 */
function mendNormalizer(normalizer: Normalizer | null): Normalizer | null {
  if (normalizer instanceof tokenizers.SequenceNormalizer) {
    normalizer.normalizers = normalizer.normalizers.map(mendNormalizer);
    return normalizer;
  }
  const change = changeOf(normalizer);
  return normalizer && change ? new MendedNormalizer(normalizer, change) : normalizer;
}

function changeOf(normalizer: Normalizer | null): ((text: string) => string) | undefined {
  if (normalizer instanceof tokenizers.BertNormalizer) return bertNormalizer(normalizer.config as BertOptions);
  if (normalizer instanceof tokenizers.LowercaseNormalizer) return lowercase;
  if (normalizer instanceof tokenizers.StripNormalizer) return stripNormalizer(normalizer.config);
  if (normalizer instanceof tokenizers.PrecompiledNormalizer) {
    return charsmapNormalizer(String(normalizer.charsmap ?? ""));
  }
  return undefined;
}

class MendedPreTokenizer extends tokenizers.PreTokenizer implements PreTokenizer {
  readonly pre_tokenize_text: PreTokenizer["pre_tokenize_text"];

  constructor(cut: PreTokenizer["pre_tokenize_text"]) {
    super();
    this.pre_tokenize_text = cut;
  }
}

/**
 * The same pre-tokenizer, with those parts replaced that cut elsewhere than Python's tokenizers does: a word is made of
 * letters of any script, white space is Unicode's, numbers are not the ten digits alone, and what is found stands alone or
 * goes with its neighbours as the file says.
 */
function mendPreTokenizer(preTokenizer: PreTokenizer | null, file: PreTokenizerFile | null): PreTokenizer | null {
  if (preTokenizer instanceof tokenizers.SequencePreTokenizer) {
    const parts = preTokenizer.tokenizers;
    preTokenizer.tokenizers = parts.map((part, i) => mendPreTokenizer(part, file?.pretokenizers?.[i] ?? null));
    return preTokenizer;
  }
  const cut = cutOf(preTokenizer, file ?? {});
  return cut ? new MendedPreTokenizer(cut) : preTokenizer;
}

function cutOf(
  preTokenizer: PreTokenizer | null,
  file: PreTokenizerFile,
): PreTokenizer["pre_tokenize_text"] | undefined {
  const { behavior, invert = false } = file;
  if (preTokenizer instanceof tokenizers.BertPreTokenizer) return cutBert;
  if (preTokenizer instanceof tokenizers.WhitespacePreTokenizer) return cutWords;
  if (preTokenizer instanceof tokenizers.WhitespaceSplitPreTokenizer) return cutAtSpace;
  if (preTokenizer instanceof tokenizers.PunctuationPreTokenizer) return cutAtMarks(behavior);
  if (preTokenizer instanceof tokenizers.DigitsPreTokenizer) {
    return cutAtNumbers({ individual: file.individual_digits === true });
  }
  if (preTokenizer instanceof tokenizers.SplitPreTokenizer) {
    const { pattern } = preTokenizer;
    return pattern ? (text) => splitBy(text, pattern, { behavior, invert }) : undefined;
  }
  if (preTokenizer instanceof tokenizers.MetaspacePreTokenizer) return cutMetaspace(preTokenizer, file);
  return undefined;
}

function cutMetaspace(
  preTokenizer: InstanceType<typeof tokenizers.MetaspacePreTokenizer>,
  file: PreTokenizerFile,
): PreTokenizer["pre_tokenize_text"] | undefined {
  if (file.prepend_scheme === undefined && file.add_prefix_space === false) preTokenizer.prepend_scheme = "never";
  if (file.split === false) return undefined;
  const places = new RegExp(preTokenizer.replacement.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gu");
  return (text, options) =>
    preTokenizer
      .pre_tokenize_text(text, options)
      .flatMap((part: string) => splitBy(part, places, { behavior: "MergedWithNext" }));
}
