import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawDocument } from "./formats/format.ts";
import { markdownDocument } from "./formats/markdown.ts";
import { type SplitDocumentsOptions, splitDocument, splitDocuments } from "./split-documents.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `w${index + 1}`).join(" ");
const texts = (document: RawDocument, options: SplitDocumentsOptions) =>
  splitDocument(document, options).map(({ text }) => text);
const solid = (text: string) => text.replace(/\s+/gu, "");

const word = fc.oneof(
  fc.stringMatching(/^[a-z]{1,8}[.,!?]?$/),
  fc.constantFrom(
    "日本語の文章です。",
    "這是中文，沒有空格。",
    "ภาษาไทยไม่มีช่องว่าง",
    "\u{1F600}",
    "don't",
    "—",
    "a\u0301",
  ),
);
const anyText = fc
  .array(fc.tuple(word, fc.constantFrom(" ", "\n", "\n\n", "  ", "\t", "\u3000", "")), { maxLength: 120 })
  .map((pairs) => pairs.flat().join(""));
const anyOptions = fc.record({
  by: fc.constantFrom("words" as const, "sentences" as const, "headings" as const, "none" as const),
  words: fc.integer({ min: 1, max: 30 }),
});

describe("splitDocument", () => {
  it("makes disjoint blocks of 100 words, the last one shorter", () => {
    const passages = splitDocument({ id: "d", title: "T", text: numbered(250) });
    expect(passages.map(({ id, text }) => [id, text.split(" ").length, text.split(" ")[0]])).toEqual([
      ["d", 100, "w1"],
      ["d#2", 100, "w101"],
      ["d#3", 50, "w201"],
    ]);
  });

  it("fills the last block up from the beginning when asked, as DPR does", () => {
    const found = texts({ title: "", text: numbered(7) }, { words: 5, wrapAround: true });
    expect(found).toEqual(["w1 w2 w3 w4 w5", "w6 w7 w1 w2 w3"]);
    expect(texts({ title: "", text: numbered(3) }, { words: 5, wrapAround: true })).toEqual(["w1 w2 w3"]);
  });

  it("loses no word in any script, in any mode", () => {
    fc.assert(
      fc.property(anyText, anyOptions, (text, options) => {
        const found = texts({ title: "", text }, options);
        expect(solid(found.join(""))).toBe(solid(text));
        expect(found.every((part) => part.trim() !== "")).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("covers every word with overlap too, and goes forward", () => {
    const options = anyOptions.chain(({ by, words }) =>
      fc.record({ by: fc.constant(by), words: fc.constant(words), overlap: fc.integer({ min: 0, max: words - 1 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), options, (count, chosen) => {
        const found = texts({ title: "", text: numbered(count) }, chosen);
        expect(new Set(found.flatMap((part) => part.split(" ")))).toEqual(
          new Set(count === 0 ? [] : numbered(count).split(" ")),
        );
        expect(found.length).toBeLessThanOrEqual(count);
      }),
    );
    expect(texts({ title: "", text: numbered(7) }, { words: 4, overlap: 2 })).toEqual([
      "w1 w2 w3 w4",
      "w3 w4 w5 w6",
      "w5 w6 w7",
    ]);
  });

  it("ends blocks at sentences, and cuts only a sentence that is longer than a block", () => {
    const text = "One two three. Four five six seven. Eight. Nine ten eleven twelve thirteen fourteen.";
    expect(texts({ title: "", text }, { by: "sentences", words: 5 })).toEqual([
      "One two three.",
      "Four five six seven. Eight.",
      "Nine ten eleven twelve thirteen",
      "fourteen.",
    ]);
  });

  it("ends blocks at headings, whose path joins the title", () => {
    const markdown = `Intro words here now.\n\n# Guide\n\n${numbered(6)}\n\n## Install\n\n${numbered(6)}\n\n## Use\n\n${numbered(6)}\n`;
    const document = markdownDocument(`---\ntitle: Book\n---\n${markdown}`, "book.md");
    const passages = splitDocument(document, { by: "headings", words: 12 });
    expect(passages.map(({ title, text }) => [title, text.split(/\s+/).slice(0, 2).join(" ")])).toEqual([
      ["Book", "Intro words"],
      ["Book > Guide", "# Guide"],
      ["Book > Guide > Install", "## Install"],
      ["Book > Guide > Use", "## Use"],
    ]);
  });

  it("counts the words of languages without spaces as its readers do", () => {
    const text = "東京は日本の首都です。".repeat(40);
    const found = texts({ title: "", text }, { words: 20 });
    expect(found.length).toBeGreaterThan(5);
    expect(found.join("")).toBe(text);
  });

  it("bounds passages of text that is none, and loses none of it", () => {
    const encoded = Buffer.from(numbered(20_000)).toString("base64");
    for (const [text, by] of [
      [encoded, "words"],
      [`${"\u{1F600}".repeat(5000)}${encoded.slice(0, 999)}`, "sentences"],
      [`${numbered(150)} ${JSON.stringify(numbered(3000).split(" "))} ${numbered(150)}`, "headings"],
      [`日本語 ${encoded}`, "words"],
      [encoded.replace(/.{200}/g, "$& "), "words"],
    ] as const) {
      const found = texts({ title: "", text, headings: [{ at: 0, depth: 1, title: "A" }] }, { by });
      expect(Math.max(...found.map((part) => part.length))).toBeLessThanOrEqual(2600);
      expect(solid(found.join(""))).toBe(solid(text));
      expect(found.every((part) => part.isWellFormed())).toBe(true);
    }
  });

  it("gives the same ids for the same content, and others for other content", () => {
    const [one, two, again] = ["a b", "a c", "a b"].map((text) => splitDocument({ title: "T", text })[0]!.id);
    expect(one).toBe(again);
    expect(one).not.toBe(two);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
  });

  it("keeps passages of the source whole", () => {
    const document = { id: "7", title: "T", text: `  ${numbered(150)}`, isPassage: true };
    expect(splitDocument(document)).toEqual([{ id: "7", title: "T", text: document.text }]);
  });

  it("refuses options that make no passages", async () => {
    const split = (options: SplitDocumentsOptions) =>
      Array.fromAsync(splitDocuments([{ title: "", text: "a" }], options));
    await expect(split({ words: 0 })).rejects.toMatchObject({ code: "bad-option" });
    await expect(split({ words: 5, overlap: 5 })).rejects.toMatchObject({ code: "bad-option" });
  });
});
