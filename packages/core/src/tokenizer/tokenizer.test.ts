import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyTokenizer } from "../../test/tiny-tokenizer.ts";
import { inputTokenizer, readTokenizer } from "./tokenizer.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";
const whole = { maxTokens: 1e7, lowerCase: false };

describe.skipIf(!hasTokenizers())(
  "ids of Python's tokenizers (needs RAG_INSTRUCT_PYTHON with tokenizers, sentencepiece)",
  () => {
    const made = mkdtempSync(join(tmpdir(), "tokenizers-"));
    afterAll(() => rmSync(made, { recursive: true }));
    if (hasTokenizers()) {
      execFileSync(python, [join(import.meta.dirname, "../../test/make-tokenizers.py"), made], { stdio: "pipe" });
    }
    it.each(readdirSync(made))(
      "are ours for texts of any script, control characters and 10,000 words: %s",
      async (kind) => {
        const tokenize = await inputTokenizer(join(made, kind), whole);
        const short = await inputTokenizer(join(made, kind), { ...whole, maxTokens: 16 });
        const lines = readFileSync(join(made, kind, "expected.jsonl"), "utf8")
          .trim()
          .split("\n");
        expect(lines.length).toBeGreaterThan(500);
        for (const line of lines) {
          const { text, ids } = JSON.parse(line) as { text: string; ids: number[] };
          expect([text, tokenize(text)]).toEqual([text, ids]);
          if (ids.length <= 16) expect([text, short(text)]).toEqual([text, ids]);
          else expect([text, short(text).slice(0, 14)]).toEqual([text, ids.slice(0, 14)]);
        }
      },
    );
  },
);

describe("a tokenizer.json", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tokenizer-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  async function open(change: Record<string, unknown>, options = whole) {
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify({ ...tinyTokenizer, ...change }));
    return inputTokenizer(folder, options);
  }
  const { model } = tinyTokenizer;

  it("of words takes its own unknown token for words it does not have, whatever other files say", async () => {
    expect((await open({}))("w4 strange w5")).toEqual([2, 4, 1, 5, 3]);
  });
  it("gives ids and tokens without special tokens or a limit, of Greek capitals and characters beyond the first plane too", async () => {
    const vocab = { "[UNK]": 0, οδοσ: 1, 𠀀: 2, 𠀁: 3, plain: 4, "##s": 5 };
    await open({
      added_tokens: [],
      normalizer: { type: "BertNormalizer", lowercase: true },
      pre_tokenizer: { type: "BertPreTokenizer" },
      model: { type: "WordPiece", vocab, unk_token: "[UNK]", continuing_subword_prefix: "##" },
    });
    const tokenizer = await readTokenizer(folder);
    expect(tokenizer.ids("ΟΔΟΣ 𠀀𠀁 plains strange")).toEqual([1, 2, 3, 4, 5, 0]);
    expect(tokenizer.tokens("ΟΔΟΣ 𠀀𠀁 plains strange")).toEqual(["οδοσ", "𠀀", "𠀁", "plain", "##s", "[UNK]"]);
  });
  it.each([
    ["no unknown token", { model: { ...model, unk_token: undefined }, added_tokens: [] }],
    ["an unknown token that is not in the vocabulary", { model: { ...model, unk_token: "<unk>" } }],
    [
      "a piece model of the kind",
      { model: { ...model, type: "WordPiece", unk_token: "<unk>", continuing_subword_prefix: "##" } },
    ],
  ])("with %s reads what it knows and names file and word where it cannot", async (_, change) => {
    const tokenize = await open(change);
    expect(tokenize("w4 w5")).toEqual([2, 4, 5, 3]);
    expect(() => tokenize("w4 strange")).toThrow(
      /tokenizer\.json has no token for "(strange|<unk>)".*as the model's unk_token/,
    );
  });
  it("takes special tokens by the ids in its template, even of tokens listed nowhere else", async () => {
    const vocab = { "[UNK]": 1, w4: 4 };
    expect((await open({ added_tokens: [], model: { ...model, vocab } }))("w4")).toEqual([2, 4, 3]);
  });
  it.each([
    [
      { do_lower_case: true },
      /tokenizer_config\.json says do_lower_case is true where .*tokenizer\.json says lowercase is false/,
    ],
    [{ add_eos_token: true, eos_token: "w5" }, /says add_eos_token is true where .*tokenizer\.json puts no w5 last/],
    [{ add_bos_token: true, bos_token: { content: "w5" } }, /says add_bos_token is true where .* puts no w5 first/],
  ])("is refused where the settings beside it are others: %j", async (settings, message) => {
    const change = { normalizer: { type: "BertNormalizer", lowercase: false } };
    await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(settings));
    await expect(open(change)).rejects.toThrow(message);
    const same = {
      do_lower_case: false,
      add_eos_token: true,
      eos_token: "[SEP]",
      add_bos_token: true,
      bos_token: "[CLS]",
    };
    await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(same));
    expect((await open(change))("w4")).toEqual([2, 4, 3]);
  });
  it("may lack the parts that it does not use, and the kind of its model", async () => {
    const { type: _, ...bare } = model;
    const absent = { normalizer: undefined, decoder: undefined, post_processor: null, added_tokens: undefined };
    expect((await open({ ...absent, model: bare }))("w4 x")).toEqual([4, 1]);
  });
  it("of a text without spaces reads the head alone, and gives the same", async () => {
    const limit = { ...whole, maxTokens: 10 };
    const change = {
      pre_tokenizer: { type: "Split", pattern: { Regex: "w\\d" }, behavior: "Isolated", invert: false },
    };
    expect((await open(change, limit))("w4w5".repeat(100_000))).toEqual([2, 4, 5, 4, 5, 4, 5, 4, 5, 3]);
    expect((await open({}, limit))("x".repeat(100_000))).toEqual([2, 1, 3]);
    expect((await open({}, limit))("🙂".repeat(100_000))).toEqual([2, 1, 3]);
  });
  it.each([
    [
      "an unknown normaliser",
      { normalizer: { type: "Surprise" } },
      /cannot be used: Unknown Normalizer type: Surprise/,
    ],
    ["an unknown pre-tokenizer", { pre_tokenizer: { type: "Surprise" } }, /Unknown PreTokenizer type: Surprise/],
    ["an unknown post-processor", { post_processor: { type: "Surprise" } }, /Unknown PostProcessor type: Surprise/],
    ["no model", { model: undefined }, /tokenizer\.json has no model with a vocabulary/],
    [
      "bytes behind a Unigram model",
      { model: { type: "Unigram", vocab: [["a", 0]], byte_fallback: true } },
      /falls back to bytes/,
    ],
    [
      "a prefix of BPE",
      { model: { type: "BPE", vocab: {}, merges: [], continuing_subword_prefix: "##" } },
      /pieces of BPE with a prefix/,
    ],
  ])("with %s is refused by name", async (_, change, message) => {
    await expect(open(change)).rejects.toThrow(message);
  });
});

function hasTokenizers(): boolean {
  try {
    if (python) execFileSync(python, ["-c", "import tokenizers, sentencepiece"], { stdio: "ignore" });
    return python !== "";
  } catch {
    return false;
  }
}
