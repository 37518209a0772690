import { describe, expect, it } from "vitest";
import { visibleString } from "../visible-text.ts";
import { findSpans } from "./find-spans.ts";

const marked = (text: string, quotes: string[], answer = "") =>
  findSpans(text, { quotes, answer }).map(({ start, end, kind }) => [kind, text.slice(start, end)]);

describe("findSpans", () => {
  it("finds a quote whatever its case, white space, accents and quotation marks", () => {
    const text = "In 1932 the  “Pont Neuf”\nreopened after repairs at the café.";
    expect(marked(text, ["the pont neuf reopened"])).toEqual([["evidence", "the  “Pont Neuf”\nreopened"]]);
    expect(marked(text, ["repairs at the cafe."])).toEqual([["evidence", "repairs at the café"]]);
  });

  it("finds the parts around an ellipsis in order, and nothing of a quote that is not there", () => {
    expect(marked("one two three four five", ["one two … four five"])).toHaveLength(2);
    expect(marked("one two three four five", ["four five … one two"])).toEqual([]);
  });

  it("marks the answer as a whole word, within a quote as well", () => {
    expect(marked("It opened in 1932, not 19320.", ["opened in 1932"], "1932")).toEqual([
      ["evidence", "opened in "],
      ["answer", "1932"],
    ]);
  });
});

describe("visibleString", () => {
  it("names what would act: overrides, NUL, halves of surrogate pairs", () => {
    expect(visibleString("a\u202eb\u0000c\ud800d")).toBe("a[U+202E]b[U+0000]c[U+D800]d");
  });

  it("leaves text alone, emoji and right-to-left scripts too", () => {
    const text = "Straße 😀 שלום\u200f\n";
    expect(visibleString(text)).toBe(text);
  });
});
