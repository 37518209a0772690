import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTokenizer } from "@rag-instruct/core/tokenizer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildBm25Index, openBm25Index, wordPieceAnalyzer } from "../../index.ts";

const vocab = { "[UNK]": 0, οδοσ: 1, 𠀀: 2, 𠀁: 3, plain: 4, "##ly": 5 };
const tokenizer = {
  normalizer: { type: "BertNormalizer", lowercase: true },
  pre_tokenizer: { type: "BertPreTokenizer" },
  model: { type: "WordPiece", vocab, unk_token: "[UNK]", continuing_subword_prefix: "##" },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "analyzers-"));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
});
afterEach(() => rm(folder, { recursive: true }));

describe("wordPieceAnalyzer", () => {
  it("gives the terms of Python's tokenizers, also for Greek capitals and characters beyond the first plane", async () => {
    const { terms } = await wordPieceAnalyzer({ folder });
    const { tokens } = await readTokenizer(folder);
    for (const text of ["ΟΔΟΣ", "𠀀𠀁", "plainly", "Plain, 𠀁 ΟΔΟΣ unheard", ""])
      expect(terms(text)).toEqual(tokens(text));
    expect(terms("ΟΔΟΣ 𠀀𠀁 plainly")).toEqual(["οδοσ", "𠀀", "𠀁", "plain", "##ly"]);
  });

  it("finds by such terms what they stand in", async () => {
    const analyzer = await wordPieceAnalyzer({ folder });
    const passages = ["plain 𠀁", "𠀀", "οδοσ"].map((text, i) => ({ id: `p${i}`, title: "", text }));
    const to = join(folder, "index");
    await buildBm25Index({ passages, to, analyzer });
    await using index = await openBm25Index(to, { analyzer });
    const { rows } = await index.search(["ΟΔΟΣ", "𠀁"], { limit: 1 });
    expect(Array.from(rows, (row) => index.idOf(row))).toEqual(["p2", "p0"]);
  });

  it("has another id for another tokenizer, truncates nothing, and says where there is none or a broken one", async () => {
    const { id } = await wordPieceAnalyzer({ folder });
    const truncation = { max_length: 2, strategy: "LongestFirst", stride: 0 };
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify({ ...tokenizer, truncation }));
    const other = await wordPieceAnalyzer({ folder });
    expect(other.id).not.toBe(id);
    expect(other.terms("plain plain plain")).toHaveLength(3);
    await writeFile(join(folder, "tokenizer.json"), "{");
    await expect(wordPieceAnalyzer({ folder })).rejects.toMatchObject({ code: "file-corrupt" });
    await expect(wordPieceAnalyzer({ folder: join(folder, "none") })).rejects.toMatchObject({ code: "file-missing" });
  });
});
