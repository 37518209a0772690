import { type PreTokenizer, tokenizers } from "./library.ts";
import { splitBy } from "./split-by.ts";

/** What `tokenizer.json` says of a pre-tokenizer, as far as it is read here. */
export interface PreTokenizerFile {
  pretokenizers?: PreTokenizerFile[];
  behavior?: string;
  invert?: boolean;
  individual_digits?: boolean;
  split?: boolean;
  prepend_scheme?: string;
  add_prefix_space?: boolean;
}

type Split = PreTokenizer["pre_tokenize_text"];

class Mended extends tokenizers.PreTokenizer implements PreTokenizer {
  readonly pre_tokenize_text: Split;

  constructor(split: Split) {
    super();
    this.pre_tokenize_text = split;
  }
}

const space = "\\p{White_Space}";
const mark = "\\p{P}$+<=>^`|~";
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";

const marks = new RegExp(`[${mark}]`, "gu");
const numbers = /\p{N}/gu;
const wordsAndMarks = new RegExp(`[^${space}${mark}]+|[${mark}]`, "gu");
const words = new RegExp(`[${word}]+|[^${word}${space}]+`, "gu");
const notSpace = new RegExp(`[^${space}]+`, "gu");

/**
 * The same pre-tokenizer, with those parts replaced that cut elsewhere than Python's tokenizers does: a word is made of
 * letters of any script, white space is Unicode's, numbers are not the ten digits alone, and what is found stands alone or
 * goes with its neighbours as the file says.
 */
export function mendPreTokenizer(
  preTokenizer: PreTokenizer | null,
  file: PreTokenizerFile | null,
): PreTokenizer | null {
  const { behavior, invert = false } = file ?? {};
  if (preTokenizer instanceof tokenizers.SequencePreTokenizer) {
    const parts = preTokenizer.tokenizers;
    preTokenizer.tokenizers = parts.map((part, i) => mendPreTokenizer(part, file?.pretokenizers?.[i] ?? null));
  }
  if (preTokenizer instanceof tokenizers.BertPreTokenizer) return matching(wordsAndMarks);
  if (preTokenizer instanceof tokenizers.WhitespacePreTokenizer) return matching(words);
  if (preTokenizer instanceof tokenizers.WhitespaceSplitPreTokenizer) return matching(notSpace);
  if (preTokenizer instanceof tokenizers.PunctuationPreTokenizer) return splitting(marks, { behavior });
  if (preTokenizer instanceof tokenizers.DigitsPreTokenizer) {
    return splitting(numbers, { behavior: file?.individual_digits ? "Isolated" : "Contiguous" });
  }
  if (preTokenizer instanceof tokenizers.SplitPreTokenizer && preTokenizer.pattern) {
    return splitting(preTokenizer.pattern, { behavior, invert });
  }
  if (preTokenizer instanceof tokenizers.MetaspacePreTokenizer) return metaspace(preTokenizer, file ?? {});
  return preTokenizer;
}

function matching(pattern: RegExp): PreTokenizer {
  return new Mended((text) => text.match(pattern) ?? []);
}

function splitting(pattern: RegExp, how: { behavior: string | undefined; invert?: boolean }): PreTokenizer {
  return new Mended((text) => splitBy(text, pattern, how));
}

function metaspace(
  preTokenizer: InstanceType<typeof tokenizers.MetaspacePreTokenizer>,
  file: PreTokenizerFile,
): PreTokenizer {
  if (file.prepend_scheme === undefined && file.add_prefix_space === false) preTokenizer.prepend_scheme = "never";
  if (file.split === false) return preTokenizer;
  const how = { behavior: "MergedWithNext" };
  const places = new RegExp(preTokenizer.replacement.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gu");
  return new Mended((text, options) =>
    preTokenizer.pre_tokenize_text(text, options).flatMap((part: string) => splitBy(part, places, how)),
  );
}
