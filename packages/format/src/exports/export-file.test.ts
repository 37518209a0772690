import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madeExample } from "../../test/made-set.ts";
import { exportAlignment } from "../alignment/export-alignment.ts";
import { exportExamples } from "../export-examples.ts";
import { exportRetrieval } from "../retrieval/export-retrieval.ts";
import { recordJson } from "./export-file.ts";

let to: string;
beforeEach(async () => {
  to = await mkdtemp(join(tmpdir(), "export-file-"));
});
afterEach(() => rm(to, { recursive: true }));

it("a record's JSON has U+FFFD for half a surrogate pair, and else every text as it is", () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom("\\", "\\ud83d", "\\\\udc00", "\ud83d", "\udc00", "😀", '"', "u"), fc.string()))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (text) => {
      expect(JSON.parse(recordJson({ text }))).toEqual({ text: text.toWellFormed() });
    }),
  );
});

describe("every export", () => {
  const cut = madeExample(1, {
    question: "Which animal is it? \ud83d",
    answer: "No, a cow \udc00",
    failures: [{ answer: "a cat \ud83d", from: "noise", reason: "another answer", pairId: "e1" }],
  });

  it("can be read as UTF-8 and JSON where a text was cut inside a character", async () => {
    const splits = { train: [cut] };
    await exportExamples({ examples: [cut], to, formats: ["messages", "rag-instruct-json", "dpr", "alpaca"] });
    await exportAlignment({ splits, to, formats: ["grpo", "dpo"] });
    await exportRetrieval({ splits, to, formats: ["triplets", "labelled-pairs", "labelled-lists", "beir", "msmarco"] });
    const names = (await readdir(to, { recursive: true })).filter((name) => /\.json?l?$|\.tsv$/.test(name));
    expect(names.length).toBeGreaterThan(14);
    const texts = await Promise.all(names.map(async (name) => [name, await readFile(join(to, name), "utf8")] as const));
    expect(texts.filter(([, text]) => /\\ud[89a-f]/.test(text)).map(([name]) => name)).toEqual([]);
    expect(texts.filter(([, text]) => text.includes("\ufffd")).length).toBeGreaterThan(9);
  });

  it("for retrievers writes no file without a line, and takes away what an earlier one left in its place", async () => {
    const formats = ["triplets", "msmarco"] as const;
    await exportRetrieval({ splits: { train: [cut], test: [madeExample(2)] }, to, formats });
    const parts = async () => (await readdir(to, { recursive: true })).filter((name) => name.includes("test"));
    expect((await parts()).length).toBe(4);
    const { files } = await exportRetrieval({ splits: { train: [cut], test: [] }, to, formats, overwrite: true });
    expect([await parts(), files.filter(({ split }) => split === "test")]).toEqual([[], []]);
  });
});
