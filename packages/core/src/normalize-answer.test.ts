import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeAnswer, normalizeAscii } from "./normalize-answer.ts";

describe("normalizeAnswer", () => {
  it.each([
    ["The Eiffel Tower!", "eiffel tower"],
    ["  an  apple,  a pear ", "apple pear"],
    ["It's O'Neill's", "its oneills"],
    ["1,234.5 km", "1234.5 km"],
    ["1.5", "1.5"],
    ["state-of-the-art", "state of art"],
    ["Ｆｕｌｌ　ｗｉｄｔｈ", "full width"],
    ["Größe: 5", "größe 5"],
  ])("%j becomes %j", (text, normalized) => expect(normalizeAnswer(text)).toBe(normalized));

  it("keeps numbers apart that differ by their point alone", () => {
    expect(normalizeAnswer("1.05")).not.toBe(normalizeAnswer("105"));
  });
});

/** A letter outside ASCII at the end sends the same text through the patterns for every script. */
function normalizedByPatterns(text: string): string {
  return normalizeAnswer(`${text} é`).replace(/ ?é$/, "");
}

describe("normalizeAscii", () => {
  it.each([
    ["The 1,000,000 a's & an X-ray!", "1000000 as x ray"],
    ["1,000,5 and 12,34 and 1,2345", "1000,5 and 12,34 and 1,2345"],
    ["3.14. -2.5, 10:30; 1/2 e.g. 2020-01-02", "3.14 2.5 10:30 1/2 e g 2020-01-02"],
    ["a_b `the` 'an' A.", "b"],
    ["\tThe\r\n ", ""],
  ])("gives for %j what the patterns give", (text, expected) => {
    expect(normalizeAscii(text)).toBe(expected);
    expect(normalizedByPatterns(text)).toBe(expected);
  });

  it("gives what the patterns give for any ASCII text", () => {
    const pieces = fc.constantFrom(
      "a",
      "an",
      "the",
      "The",
      "1",
      "23",
      "456",
      ",",
      ".",
      "-",
      ":",
      "/",
      "'",
      "`",
      "_",
      "$",
      " ",
      "\n",
      "b",
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((list) => list.join("")),
      fc.string({ unit: "grapheme-ascii" }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(normalizeAscii(text)).toBe(normalizedByPatterns(text));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it("leaves other scripts and control characters to the patterns", () => {
    expect(normalizeAscii("é")).toBeUndefined();
    expect(normalizeAscii("a\u0000b")).toBeUndefined();
    expect(normalizeAscii("\u007f")).toBeUndefined();
    // The Kelvin sign becomes an ASCII k in lower case.
    expect(normalizeAscii("\u212a")).toBe("k");
    expect(normalizeAscii("Plain\ttext\n")).toBe("plain text");
  });
});
