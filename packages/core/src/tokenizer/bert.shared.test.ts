import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inputTokenizer } from "./tokenizer.ts";

/** Data that is not part of this repository; tests that need it skip where it is absent. */
const sharedData =
  process.env.RAG_INSTRUCT_SHARED_DATA ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
const bert = join(sharedData, "tokenizer/bert-uncased");
describe.skipIf(!existsSync(bert))(`token ids of BERT-uncased, needs ${bert}`, () => {
  const limit = { maxTokens: 512, lowerCase: false };
  it("are the expected ones, special tokens included", async () => {
    const tokenize = await inputTokenizer(bert, limit);
    const path = join(sharedData, "tokenizer/expected/transformersjs.bert.json");
    const cases = JSON.parse(await readFile(path, "utf8"))["Xenova/bert-base-uncased"] as Record<
      string,
      { text: string; text_pair?: string; ids: number[] }
    >;
    expect(Object.keys(cases).length).toBeGreaterThan(20);
    for (const { text, text_pair, ids } of Object.values(cases)) {
      if (text_pair === undefined) expect([text, tokenize(text)]).toEqual([text, ids]);
    }
  });
  it.each(["fiqa", "hotpotqa", "nfcorpus", "nq", "scifact"])(
    "are the published WordPieces of the queries of %s",
    async (name) => {
      const vocabulary = (await readFile(join(bert, "vocab.txt"), "utf8")).split("\n");
      const tokenize = await inputTokenizer(bert, limit);
      const read = async (kind: string) => {
        const path = join(sharedData, `tokenizer/beir-wordpiece/topics.beir-v1.0.0-${name}.test.${kind}.gz`);
        const lines = gunzipSync(await readFile(path))
          .toString("utf8")
          .trim()
          .split("\n");
        return new Map(lines.map((line) => line.split("\t") as [string, string]));
      };
      const pieces = await read("wp.tsv");
      for (const [id, text] of await read("tsv")) {
        const ids = tokenize(text).slice(1, -1);
        expect([text, ids.map((token) => vocabulary[token]).join(" ")]).toEqual([text, pieces.get(id)]);
      }
    },
  );
  it("are those of the whole text, cut, where only the head of a long text is looked at", async () => {
    const short = await inputTokenizer(bert, { maxTokens: 16, lowerCase: false });
    const whole = await inputTokenizer(bert, { maxTokens: 1e6, lowerCase: false });
    for (const text of [
      "unbelievable tokenisation ".repeat(500),
      `${" ".repeat(5000)}late words here`,
      "字".repeat(5000),
    ]) {
      expect(short(text)).toEqual([...whole(text).slice(0, -1).slice(0, 15), 102]);
    }
  });
});
