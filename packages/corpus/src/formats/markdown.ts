import { readText } from "@rag-instruct/core/node";
import MarkdownIt, { type Env, type Token } from "markdown-it";
import { type TextRange, withoutRanges } from "../text-cuts.ts";
import type { FormatInput, FormatOptions, Heading, RawDocument, ReadEvent } from "./format.ts";
import { takeFrontMatter } from "./front-matter.ts";
import { titleFromName } from "./text.ts";

/** Markdown and MDX: front matter becomes metadata, the text stays Markdown, and its headings are known. */
export async function* readMarkdown(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  // Old Macintosh's line ends: no other rule here knows them.
  const { metadata, text: body } = takeFrontMatter(text.replace(/\r(?!\n)/g, "\n"));
  const isMdx = /\.mdx(\.\w+)?$/i.test(input.source);
  const mdx = isMdx || mayHoldImports(body) ? (await import("./mdx.ts")).mdxText(body) : undefined;
  // Pages of Docusaurus are MDX under the name of Markdown; braces in other pages are text.
  const isPage = mdx && (isMdx || mdx.imports > 0);
  if (isPage) options.onLeftOut("expression", { count: mdx.expressions });
  yield [{ document: pageOf({ metadata, text: isPage ? mdx.text : body }, input.source), line: 1 }];
}

function mayHoldImports(text: string): boolean {
  return /^import[ \t{]/m.test(text);
}

/** The document of a Markdown text. */
export function markdownDocument(markdown: string, source: string): RawDocument {
  return pageOf(takeFrontMatter(markdown), source);
}

function pageOf({ metadata, text }: { metadata: Record<string, unknown>; text: string }, source: string): RawDocument {
  const { headings, comments } = outlineOf(text);
  const named = typeof metadata.title === "string" ? metadata.title.trim() : "";
  const title =
    named || headings.find(({ depth, title }) => depth === 1 && title !== "")?.title || titleFromName(source);
  const document: RawDocument = {
    title,
    text,
    metadata: { ...metadata, source },
    headings: headings.length > 0 ? headings : undefined,
  };
  return withoutRanges(document, comments);
}

type Parser = InstanceType<typeof MarkdownIt>;

interface Outline {
  headings: Heading[];
  /** What is there for whoever edits the page. */
  comments: TextRange[];
}

let parser: Parser | undefined;

/** What CommonMark and GitHub's tables make of a text. Its blocks alone are parsed, and of the lines in them those of headings. */
function outlineOf(text: string): Outline {
  parser ??= blockParser();
  const lineStarts = startsOfLines(text);
  const placeOf = (line: number) => lineStarts[line] ?? text.length;
  const found: Outline = { headings: [], comments: [] };
  const env: Env = {};
  const tokens = parser.parse(text, env);
  for (const [index, token] of tokens.entries()) {
    if (!token.map) continue;
    const range = { at: placeOf(token.map[0]), end: placeOf(token.map[1]) };
    if (token.type === "heading_open" && token.level === 0) {
      const title = plainTitle(tokens[index + 1]!.content, env);
      found.headings.push({ at: indexOfText(text, range.at), depth: Number(token.tag.slice(1)), title });
    } else if (token.type === "html_block" && token.level === 0) addHtml(token, range, found);
  }
  return found;
}

function blockParser(): Parser {
  const made = new MarkdownIt("commonmark", { html: true }).enable("table");
  made.core.ruler.enableOnly(["normalize", "block"]);
  return made;
}

/** As the parser counts lines. */
function startsOfLines(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: end, index }) => index + end.length)];
}

function indexOfText(text: string, from: number): number {
  const pattern = /\S/g;
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? from;
}

/** Pages of projects often begin with a heading in HTML. */
function addHtml({ content }: Token, range: TextRange, { headings, comments }: Outline): void {
  const trimmed = content.trim();
  if (trimmed.startsWith("<!--") && trimmed.indexOf("-->") === trimmed.length - 3) {
    comments.push(range);
    return;
  }
  const [, depth, inner = ""] = /^<h([1-6])\b[^<>]*>((?:[^<]|<(?!\/h))*)<\/h/i.exec(trimmed) ?? [];
  const title = inner
    .replace(/<[^<>]*>/g, "")
    .replace(/\s+/g, " ")
    .trim();
  if (depth !== undefined && title !== "") headings.push({ at: range.at, depth: Number(depth), title });
}

/** A heading's words without marks, addresses and tags, and without the anchor that some tools let one write behind it. */
function plainTitle(markdown: string, env: Env): string {
  const tokens: Token[] = [];
  parser!.inline.parse(markdown, parser!, env, tokens);
  const text = tokens.map(({ type, content }) => (type === "softbreak" || type === "hardbreak" ? " " : content));
  const words = text.filter((_, index) => tokens[index]!.type !== "html_inline").join("");
  return words
    .trim()
    .replace(/\{#[^{}]*\}$/, "")
    .replace(/\s+/g, " ")
    .trim();
}
