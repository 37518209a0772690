import * as library from "@huggingface/tokenizers";

/** A normaliser of @huggingface/tokenizers. */
export interface Normalizer {
  config: Record<string, unknown>;
  normalize(text: string): string;
}

/** A pre-tokenizer of @huggingface/tokenizers. */
export interface PreTokenizer {
  pre_tokenize_text(text: string, options?: object): string[];
}

/** Its tokenizer, whose parts may be replaced. */
export interface Tokenizer {
  normalizer: Normalizer | null;
  pre_tokenizer: PreTokenizer | null;
  token_to_id(token: string): number | undefined;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[]; tokens: string[] };
}

/** Tells classes apart that have the same members. */
type Kind<T, Name extends string> = T & { readonly _kind: Name };
type Class<T, A extends unknown[] = never[]> = new (...args: A) => T;

interface Library {
  Tokenizer: Class<Tokenizer, [file: object, config: object]>;
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
export const tokenizers = library as unknown as Library;
