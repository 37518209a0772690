import { charsmapNormalizer } from "./charsmap.ts";
import { type Normalizer, tokenizers } from "./library.ts";

/** What `tokenizer.json` says of a BERT normaliser. */
interface BertOptions {
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  lowercase?: boolean;
  strip_accents?: boolean | null;
}

class Mended extends tokenizers.Normalizer implements Normalizer {
  readonly #change: (text: string) => string;

  constructor({ config }: Normalizer, change: (text: string) => string) {
    super(config);
    this.#change = change;
  }

  normalize(text: string): string {
    return this.#change(text);
  }
}

/**
 * The same normaliser, with those parts replaced that give other texts than Python's tokenizers does, by which models are
 * trained: upper case is lowered letter by letter (no final sigma), Chinese characters beyond the first plane stand alone,
 * and the map of a SentencePiece model is used instead of NFKC.
 */
export function mendNormalizer(normalizer: Normalizer | null): Normalizer | null {
  if (normalizer instanceof tokenizers.SequenceNormalizer) {
    normalizer.normalizers = normalizer.normalizers.map(mendNormalizer);
    return normalizer;
  }
  if (normalizer instanceof tokenizers.BertNormalizer) return new Mended(normalizer, bertNormalizer(normalizer.config));
  if (normalizer instanceof tokenizers.LowercaseNormalizer) return new Mended(normalizer, lowercase);
  if (normalizer instanceof tokenizers.PrecompiledNormalizer) {
    return new Mended(normalizer, charsmapNormalizer(String(normalizer.charsmap ?? "")));
  }
  if (normalizer instanceof tokenizers.StripNormalizer) return new Mended(normalizer, strip(normalizer.config));
  return normalizer;
}

function strip({ strip_left, strip_right }: { strip_left?: boolean; strip_right?: boolean }): (text: string) => string {
  return (text) => {
    const left = strip_left ? text.replace(/^\p{White_Space}+/u, "") : text;
    return strip_right ? left.replace(/\p{White_Space}+$/u, "") : left;
  };
}

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

function lowercase(text: string): string {
  return text.replaceAll("\u03a3", "\u03c3").toLowerCase();
}
