/** Sixteen words; their places are their token ids. */
export const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ...Array.from({ length: 12 }, (_, i) => `w${i + 4}`)];

const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content, id) => {
  return { id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
});
const around = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const single = [around("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, around("[SEP]")];

/** A tokenizer whose tokens are the words. */
export const tinyTokenizer = {
  version: "1.0",
  truncation: { max_length: 4, strategy: "LongestFirst", stride: 0 },
  padding: { strategy: { Fixed: 6 }, direction: "Right", pad_id: 0, pad_type_id: 0, pad_token: "[PAD]" },
  added_tokens: special,
  normalizer: null,
  pre_tokenizer: { type: "Whitespace" },
  post_processor: {
    type: "TemplateProcessing",
    single,
    pair: single,
    special_tokens: Object.fromEntries(["[CLS]", "[SEP]"].map((id, i) => [id, { id, ids: [i + 2], tokens: [id] }])),
  },
  decoder: null,
  model: { type: "WordLevel", vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: "[UNK]" },
};
