import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { sharedData } from "../test/shared-data.ts";
import { fitPassages } from "./fit-passages.ts";
import { labelTokens, openTokenizer } from "./labels.ts";
import { renderExample } from "./render-example.ts";

const folder = join(sharedData, "tokenizer/bert-uncased");
const missing = !existsSync(folder);

describe("openTokenizer", () => {
  it.skipIf(missing)(`gives the expected ids with ${folder}, without the model's marks`, async () => {
    const tokenizer = await openTokenizer(folder);
    const expected = JSON.parse(
      await readFile(join(sharedData, "tokenizer/expected/transformersjs.bert.json"), "utf8"),
    );
    const all = Object.values<{ text: string; text_pair?: string; ids: number[] }>(
      expected["Xenova/bert-base-uncased"],
    );
    const cases = all.filter(({ text_pair }) => text_pair === undefined);
    expect(cases.length).toBeGreaterThan(10);
    for (const { text, ids } of cases) expect(tokenizer.encode(text), text).toEqual(ids.slice(1, -1));
  });

  it.skipIf(missing)(`labels and fits by the tokens of ${folder}`, async () => {
    const tokenizer = await openTokenizer(folder);
    const text = "the harbourmaster keeps unbelievably old ledgers";
    const start = text.indexOf("unbelievably");
    const { ids, labels } = labelTokens({ text, trained: [{ start, end: start + 12 }] }, tokenizer.encode);
    expect(ids).toEqual(tokenizer.encode(text));
    expect(labels.filter((label) => label !== -100)).toEqual(tokenizer.encode("unbelievably"));

    const prompt = renderExample;
    const example = madeExample(1);
    const fitted = fitPassages(example, { budget: { tokenizer, tokens: 600 }, prompt });
    const length = tokenizer.encode(prompt(fitted.example)).length + tokenizer.encode(example.answer).length;
    expect(length).toBeLessThanOrEqual(600);
    expect(length).toBeGreaterThan(550);
    expect(fitted.cut).toBe(10);
  });

  it("labels Greek capitals and characters beyond the first plane by the ids that Python's tokenizers gives them", async () => {
    const made = await mkdtemp(join(tmpdir(), "tokenizer-"));
    try {
      const vocab = { "[UNK]": 0, οδοσ: 1, 𠀀: 2, 𠀁: 3, plain: 4 };
      const file = {
        normalizer: { type: "BertNormalizer", lowercase: true },
        pre_tokenizer: { type: "BertPreTokenizer" },
        model: { type: "WordPiece", vocab, unk_token: "[UNK]", continuing_subword_prefix: "##" },
      };
      await writeFile(join(made, "tokenizer.json"), JSON.stringify(file));
      const { encode } = await openTokenizer(made);
      const text = "ΟΔΟΣ 𠀀𠀁 plain";
      expect(labelTokens({ text, trained: [{ start: 5, end: 9 }] }, encode)).toEqual({
        ids: [1, 2, 3, 4],
        labels: [-100, 2, 3, -100],
      });
    } finally {
      await rm(made, { recursive: true });
    }
  });

  it("says when a folder has no tokenizer, or a broken one", async () => {
    const empty = await mkdtemp(join(tmpdir(), "tokenizer-"));
    try {
      await expect(openTokenizer(empty)).rejects.toThrow(/tokenizer(_config)?\.json is not there/);
      await writeFile(join(empty, "tokenizer.json"), "{");
      await writeFile(join(empty, "tokenizer_config.json"), "{}");
      await expect(openTokenizer(empty)).rejects.toThrow(/tokenizer\.json is not JSON/);
    } finally {
      await rm(empty, { recursive: true });
    }
  });
});
