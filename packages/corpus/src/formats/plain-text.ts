import { extensionOf, readText } from "@rag-instruct/core/node";
import type { FormatInput, FormatOptions, Heading, ReadEvent } from "./format.ts";
import { fileDocument } from "./text.ts";

/** Plain text: a file is one document by the title that its markup states (Org, AsciiDoc, reStructuredText, LaTeX), else by the name of the file. */
export async function* readPlainText(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  const extension = extensionOf(input.source);
  const headings = markedUpHeadings(extension, text);
  const title = statedIn(extension, text);
  yield [{ document: fileDocument(input.source, { title, text, headings }), line: 1 }];
}

/** A line and where it begins. */
interface Line {
  text: string;
  at: number;
}

type FindHeadings = (lines: readonly Line[]) => Heading[];

const finders: Readonly<Record<string, FindHeadings>> = {
  org: orgHeadings,
  adoc: asciidocHeadings,
  asciidoc: asciidocHeadings,
  rst: rstHeadings,
  tex: latexHeadings,
};

/** Headings of Org, AsciiDoc, reStructuredText and LaTeX, by the ending of a file's name; the text stays as it is. None for any other. */
function markedUpHeadings(extension: string, text: string): Heading[] {
  const find = finders[extension];
  if (!find) return [];
  let at = 0;
  const lines = text.split("\n").map((line) => {
    const found = { text: line.trimEnd(), at };
    at += line.length + 1;
    return found;
  });
  return find(lines);
}

/** The title that such a text states beside its headings. */
function statedIn(extension: string, text: string): string | undefined {
  const stated =
    extension === "org" ? /^#\+title:(.*)$/im : extension === "tex" ? /\\title\{([^{}\n]{1,300})\}/ : undefined;
  return stated?.exec(text)?.[1]?.trim();
}

/** `** Heading :tag:` (https://orgmode.org/manual/Headlines.html). */
function orgHeadings(lines: readonly Line[]): Heading[] {
  return lines.flatMap(({ text, at }) => {
    const [, stars, title = ""] = /^(\*{1,8}) (.*)$/.exec(text) ?? [];
    const bare = title
      .replace(/^(TODO|DONE) /, "")
      .replace(/ :[\w@:]{1,100}:$/, "")
      .trim();
    return stars && bare !== "" ? [{ at, depth: stars.length, title: bare }] : [];
  });
}

/** `== Heading`; the title of a document has one sign (https://docs.asciidoctor.org/asciidoc/latest/sections/titles-and-levels/). */
function asciidocHeadings(lines: readonly Line[]): Heading[] {
  const headings: Heading[] = [];
  let block: string | undefined;
  for (const { text, at } of lines) {
    if (block === undefined && /^(-{4,}|\.{4,}|\+{4,}|\/{4,}|```)/.test(text)) block = text;
    else if (text === block || (block?.startsWith("```") && text === "```")) block = undefined;
    if (block !== undefined) continue;
    const [, signs, title = ""] = /^(={1,6}) (.*)$/.exec(text) ?? [];
    if (signs && title.trim() !== "") headings.push({ at, depth: signs.length, title: title.trim() });
  }
  return headings;
}

/**
 * A line over a row of one sign that is no shorter, or between two; the signs get their depths in the order of their first use
 * (https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html#sections).
 */
function rstHeadings(lines: readonly Line[]): Heading[] {
  const headings: Heading[] = [];
  const styles: string[] = [];
  for (const [index, { text: title, at }] of lines.entries()) {
    const under = lines[index + 1]?.text ?? "";
    const over = lines[index - 1]?.text ?? "";
    const isRow = /^([!-/:-@[-`{-~])\1{2,}$/.test(under) && under.length >= [...title.trim()].length;
    if (title.trim() === "" || !isRow || /^([!-/:-@[-`{-~])\1{2,}$/.test(title)) continue;
    const isBetween = over === under;
    if (!isBetween && (/^\s/.test(title) || over !== "")) continue;
    const style = `${under[0]}${isBetween}`;
    if (!styles.includes(style)) styles.push(style);
    headings.push({ at: isBetween ? lines[index - 1]!.at : at, depth: styles.indexOf(style) + 1, title: title.trim() });
  }
  return headings;
}

const latexDepths: Readonly<Record<string, number>> = {
  part: 1,
  chapter: 2,
  section: 3,
  subsection: 4,
  subsubsection: 5,
};

/** `\section{Heading}`, the highest that there is at depth 1. */
function latexHeadings(lines: readonly Line[]): Heading[] {
  const found = lines.flatMap(({ text, at }) => {
    const heading = /^[ \t]*\\(part|chapter|section|subsection|subsubsection)\*?(?:\[[^\]\n]{0,300}\])?\{/.exec(text);
    if (!heading) return [];
    const title = bracedText(text.slice(heading[0].length));
    return title === "" ? [] : [{ at, depth: latexDepths[heading[1]!]!, title }];
  });
  const highest = Math.min(...found.map(({ depth }) => depth));
  return found.map((heading) => ({ ...heading, depth: heading.depth - highest + 1 }));
}

/** Up to the brace that closes, without commands. */
function bracedText(text: string): string {
  let depth = 1;
  let end = 0;
  while (end < text.length && depth > 0) {
    if (text[end] === "{") depth++;
    if (text[end] === "}") depth--;
    end++;
  }
  const inner = depth === 0 ? text.slice(0, end - 1) : text;
  return inner
    .replace(/\\label\{[^{}]*\}/g, "")
    .replace(/\\[A-Za-z]+\*?|[{}]/g, "")
    .trim();
}
