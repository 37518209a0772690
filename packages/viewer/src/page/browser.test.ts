import { visibleString } from "@rag-instruct/core/page";
import { describe, expect, it } from "vitest";
import { findSpans } from "./find-spans.ts";
import { type MarkdownPart, readMarkdown } from "./markdown.ts";

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

describe("readMarkdown", () => {
  /** What is laid out, with the text's own words in it. */
  const laidOut = (text: string) => {
    const written = (part: MarkdownPart): string => {
      if (!("tag" in part)) return part.instead ?? text.slice(part.from, part.to);
      const { tag, href = "", start = "", parts } = part;
      return `<${tag}${href && ` ${href}`}${start && ` ${start}`}>${parts.map(written).join("")}</${tag}>`;
    };
    return readMarkdown(text)?.map(written).join("");
  };

  it("lays out emphasis, lists, code and tables, of the text's own stretches", () => {
    expect(laidOut("A **bold** and *plain* `x < y` &amp; 2\\*3")).toBe(
      "<p>A <strong>bold</strong> and <em>plain</em> <code>x < y</code> & 2*3</p>",
    );
    expect(laidOut("3. one\n4. two")).toBe("<ol 3><li><p>one</p></li><li><p>two</p></li></ol>");
    expect(laidOut("| a | b |\n|---|---|\n| 1 | 2 |")).toBe(
      "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
    );
    expect(laidOut("```js\nlet a;\n```")).toBe("<pre>let a;</pre>");
  });

  it("shows as written what would be seen otherwise: a lone item, HTML, images, references, addresses that would act", () => {
    const texts = [
      "- 5",
      "1932. It opened.",
      "#",
      "<b>x</b> y",
      "![a](http://b/c.png)",
      "[a][b]",
      "[a](javascript:b)",
      "[a]",
    ];
    for (const text of texts) expect(laidOut(text)).toBe(`<p>${text}</p>`);
    expect(laidOut("[a]: http://b")).toBe("<p>[a]: http://b</p>");
    expect(laidOut("<div>\nx\n</div>")).toBe("<p><div>\nx\n</div></p>");
    expect(laidOut("see [it](https://a.b/c) and https://d.e")).toBe(
      "<p>see <a https://a.b/c>it</a> and <a https://d.e>https://d.e</a></p>",
    );
  });

  it("leaves what is long alone, and does not go down without end", () => {
    expect(readMarkdown("a ".repeat(6_000))).toBeUndefined();
    expect(readMarkdown(`a${" ".repeat(500)}b`)).toBeUndefined();
    const deep = laidOut(`${"> ".repeat(3_000)}end`)!;
    expect(deep.match(/<blockquote>/g)!.length).toBeLessThan(20);
    expect(deep).toContain("end");
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
