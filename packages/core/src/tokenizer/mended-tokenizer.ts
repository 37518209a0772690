import * as library from "@huggingface/tokenizers";
import { RagInstructError } from "../errors.ts";
import { trimEndOf } from "../text.ts";

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

/** What `tokenizer.json` says of a BERT normaliser. */
interface BertOptions {
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  lowercase?: boolean;
  strip_accents?: boolean | null;
}

/** What BERT does to a text before it is cut: no control characters, one kind of space, space around Chinese characters, no accents, lower case. */
function bertNormalizer(options: BertOptions): (text: string) => string {
  const { clean_text = true, handle_chinese_chars = true, lowercase: isLower = true, strip_accents } = options;
  return (text) => {
    let result = text;
    if (clean_text) result = result.replace(removed, "").replace(/\p{White_Space}/gu, " ");
    if (handle_chinese_chars) result = result.replace(chinese, " $& ");
    if (strip_accents ?? isLower) result = result.normalize("NFD").replace(/\p{Mn}/gu, "");
    return isLower ? lowercase(result) : result;
  };
}

/** Control characters but for tab and line ends, others that show nothing, and what stands for no character. */
const removed = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
/** The blocks of CJK ideographs that BERT's own tokenizer lists. */
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/** Lower case letter by letter: no final sigma. */
function lowercase(text: string): string {
  return text.replaceAll("\u03a3", "\u03c3").toLowerCase();
}

/** Takes white space off the ends of a text. */
function stripNormalizer({
  strip_left,
  strip_right,
}: {
  strip_left?: boolean;
  strip_right?: boolean;
}): (text: string) => string {
  return (text) => {
    const left = strip_left ? text.replace(/^\p{White_Space}+/u, "") : text;
    return strip_right ? trimEndOf(left, /\p{White_Space}/u) : left;
  };
}

/** Longest character, in bytes of UTF-8, that is looked up as a whole before its parts are. */
const maxWholeBytes = 5;
/** Characters whose replacement is remembered, at most. */
const maxRemembered = 1 << 14;
const printableAscii = /^[\x20-\x7e]*$/;

/**
 * The normaliser of a SentencePiece model: a map from characters to texts, kept as the bytes of a double-array trie
 * (darts-clone) and the texts it points to. What a user sees as one character is looked up first, then the code points of it,
 * as Python's tokenizers does.
 */
function charsmapNormalizer(base64: string): (text: string) => string {
  const bytes = Buffer.from(base64, "base64");
  const trieBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + trieBytes);
  const characters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const remembered = new Map<string, string>();

  const textAt = (start: number) => texts.toString("utf8", start, texts.indexOf(0, start));
  function replaced(part: string): string | undefined {
    const found = units.length > 0 ? shortestPrefix(units, Buffer.from(part)) : undefined;
    return found === undefined ? undefined : textAt(found);
  }
  function normalizeCharacter(character: string): string {
    const known = remembered.get(character);
    if (known !== undefined) return known;
    const whole = Buffer.byteLength(character) <= maxWholeBytes ? replaced(character) : undefined;
    const result = whole ?? Array.from(character, (part) => replaced(part) ?? part).join("");
    if (remembered.size < maxRemembered) remembered.set(character, result);
    return result;
  }
  return (text) => {
    if (printableAscii.test(text)) return Array.from(text, normalizeCharacter).join("");
    let result = "";
    for (const { segment } of characters.segment(text)) result += normalizeCharacter(segment);
    return result;
  };
}

/** The value of the shortest key that `bytes` begins with. The bits of a unit are those of darts-clone's `DoubleArrayUnit`. */
function shortestPrefix(units: Uint32Array, bytes: Uint8Array): number | undefined {
  const offset = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
  let place = offset(units[0]!);
  for (const byte of bytes) {
    place ^= byte;
    const unit = units[place] ?? 0;
    if (byte === 0 || (unit & 0x8000_00ff) !== byte) return undefined;
    place ^= offset(unit);
    const hasLeaf = (unit & 0x100) !== 0;
    if (hasLeaf) return units[place]! & 0x7fff_ffff;
  }
  return undefined;
}

/** Cuts a text into the pieces that a model's vocabulary is then applied to. */
type Cut = (text: string) => string[];

const space = "\\p{White_Space}";
const mark = "\\p{P}$+<=>^`|~";
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";

const marks = new RegExp(`[${mark}]`, "gu");
const numbers = /\p{N}/gu;

/** BERT's pieces: what stands between white space, and each mark alone. */
const cutBert = matches(new RegExp(`[^${space}${mark}]+|[${mark}]`, "gu"));
/** Runs of letters and digits of any script, and runs of whatever else is not white space. */
const cutWords = matches(new RegExp(`[${word}]+|[^${word}${space}]+`, "gu"));
/** What stands between white space. */
const cutAtSpace = matches(new RegExp(`[^${space}]+`, "gu"));

/** Cuts at marks, which go where `behavior` says. */
function cutAtMarks(behavior: string | undefined): Cut {
  return (text) => splitBy(text, marks, { behavior });
}

/** Cuts numbers from what is not one: each digit alone, or runs of them. */
function cutAtNumbers({ individual }: { individual: boolean }): Cut {
  return (text) => splitBy(text, numbers, { behavior: individual ? "Isolated" : "Contiguous" });
}

function matches(pattern: RegExp): Cut {
  return (text) => text.match(pattern) ?? [];
}

interface Piece {
  start: number;
  end: number;
  isMatch: boolean;
}

/**
 * Cuts a text at what a pattern finds, in the ways of Python's tokenizers: what is found is `Removed`, stands `Isolated`,
 * goes to the piece before (`MergedWithPrevious`) or behind it (`MergedWithNext`), or with its like (`Contiguous`).
 * `invert` takes what is found for what is not, and the other way round.
 */
function splitBy(
  text: string,
  pattern: RegExp,
  { behavior = "Isolated", invert = false }: { behavior?: string; invert?: boolean },
): string[] {
  const pieces = merged(findPieces(text, pattern, invert), behavior);
  return pieces.map(({ start, end }) => text.slice(start, end));
}

function findPieces(text: string, pattern: RegExp, invert: boolean): Piece[] {
  const pieces: Piece[] = [];
  const add = (start: number, end: number, isMatch: boolean) => {
    if (end > start) pieces.push({ start, end, isMatch: isMatch !== invert });
  };
  let last = 0;
  for (const { index, 0: found } of text.matchAll(pattern)) {
    add(last, index, false);
    add(index, index + found.length, true);
    last = index + found.length;
  }
  add(last, text.length, false);
  return pieces;
}

function merged(pieces: Piece[], behavior: string): Piece[] {
  switch (behavior) {
    case "Removed":
      return pieces.filter(({ isMatch }) => !isMatch);
    case "Contiguous":
      return joined(pieces, (piece, before) => piece.isMatch === before.isMatch);
    case "MergedWithPrevious":
      return joined(pieces, (piece, before) => piece.isMatch && !before.isMatch);
    case "MergedWithNext":
      return joined(pieces, (piece, before) => before.isMatch && !piece.isMatch);
    default:
      return pieces;
  }
}

/** Joins each piece to the one before it where they belong together. */
function joined(pieces: Piece[], belongs: (piece: Piece, before: Piece) => boolean): Piece[] {
  const result: Piece[] = [];
  for (const [i, piece] of pieces.entries()) {
    const open = result.at(-1);
    if (open && belongs(piece, pieces[i - 1]!)) open.end = piece.end;
    else result.push({ ...piece });
  }
  return result;
}
