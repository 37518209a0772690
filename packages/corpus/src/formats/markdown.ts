import { isObject, jsonValue } from "@rag-instruct/core";
import { readText } from "@rag-instruct/core/node";
import MarkdownIt, { type Env, type Token } from "markdown-it";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { type TextRange, withoutRanges } from "../text-cuts.ts";
import type { FormatInput, FormatOptions, Heading, RawDocument, ReadEvent } from "./format.ts";
import { fileDocument } from "./text.ts";

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
  const title = typeof metadata.title === "string" ? metadata.title.trim() : undefined;
  return withoutRanges(fileDocument(source, { title, text, headings, metadata }), comments);
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

/** What stands before the text of a page. */
interface FrontMatter {
  metadata: Record<string, unknown>;
  /** The text behind it. */
  text: string;
}

/** Lines of front matter at most: what is longer is no front matter. */
const maxLines = 2_000;

/**
 * Takes the front matter from a page: YAML between `---` (or up to `...`), TOML between `+++`, or an object of JSON. What its parser
 * refuses is read entry by entry, as far as it can be, so that one wrong line does not make the others text. A block that has no
 * entries, such as prose between two rules, is text.
 */
function takeFrontMatter(page: string): FrontMatter {
  const first = /^(---|\+\+\+)[ \t]*\r?(?:\n|$)/.exec(page);
  if (first) {
    const isToml = first[1] === "+++";
    const block = fencedBlock(page, first[0].length, isToml ? /^\+\+\+[ \t]*\r?$/ : /^(---|\.\.\.)[ \t]*\r?$/);
    const metadata = block && (isToml ? tomlEntries(block.inner) : yamlEntries(block.inner));
    if (metadata) return { metadata, text: page.slice(block.end) };
  }
  return (page.startsWith("{") ? jsonFrontMatter(page) : undefined) ?? { metadata: {}, text: page };
}

/** What stands up to the line that closes a block. */
function fencedBlock(page: string, from: number, close: RegExp): { inner: string; end: number } | undefined {
  let at = from;
  for (let lines = 0; at < page.length && lines < maxLines; lines++) {
    const next = page.indexOf("\n", at);
    const end = next < 0 ? page.length : next + 1;
    if (close.test(page.slice(at, next < 0 ? end : next))) return { inner: page.slice(from, at), end };
    at = end;
  }
  return undefined;
}

function jsonFrontMatter(page: string): FrontMatter | undefined {
  const block = fencedBlock(page, 0, /^\}[ \t]*\r?$/);
  const metadata = block && jsonValue(page.slice(0, block.end));
  return isObject(metadata) ? { metadata, text: page.slice(block!.end) } : undefined;
}

const yamlOptions = { maxAliasCount: 10, logLevel: "error", prettyErrors: false } as const;

function yamlEntries(inner: string): Record<string, unknown> | undefined {
  try {
    const metadata: unknown = parseYaml(inner, yamlOptions) ?? {};
    return isObject(metadata) ? metadata : undefined;
  } catch {
    return looseEntries(inner, { mark: ":", parse: yamlValue });
  }
}

function yamlValue(entry: string): unknown {
  const value: unknown = parseYaml(entry, yamlOptions);
  return isObject(value) ? Object.values(value)[0] : undefined;
}

function tomlEntries(inner: string): Record<string, unknown> | undefined {
  try {
    return plainDates(parseToml(inner)) as Record<string, unknown>;
  } catch {
    const parse = (entry: string) => plainDates(Object.values(parseToml(entry))[0]);
    return looseEntries(inner, { mark: "=", parse });
  }
}

/** Dates as the text that they were written in. */
function plainDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plainDates);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainDates(inner)]));
}

/** How the entries of a block are told apart and read. */
interface EntryRules {
  /** What stands between key and value. */
  mark: ":" | "=";
  /** Reads one entry alone. */
  parse: (entry: string) => unknown;
}

/**
 * The entries of a block that its parser refuses: each key with the lines behind it that are indented, items of a list, comments or
 * headings of tables. An entry that cannot be read alone is the text behind its key. Undefined where there are other lines, or where
 * nothing but a list, an object or a quote is begun and not ended: then it is text.
 */
function looseEntries(inner: string, rules: EntryRules): Record<string, unknown> | undefined {
  const entries: { name: string; lines: string[] }[] = [];
  for (const line of inner.split(/\r?\n/)) {
    const name = keyOf(line, rules);
    if (name !== undefined) entries.push({ name, lines: [line] });
    else if (/^(?:\s|- |-$|#|\[)/.test(line) || line === "") entries.at(-1)?.lines.push(line);
    else return undefined;
  }
  const values = entries.map(({ name, lines }) => ({ name, ...looseValue(lines, rules) }));
  if (!values.some(({ isSound }) => isSound)) return undefined;
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

/** The key of a line that begins an entry. */
function keyOf(line: string, { mark }: EntryRules): string | undefined {
  const at = line.indexOf(mark);
  const isSpaced = mark === "=" || /^\s?$/.test(line.charAt(at + 1));
  return at > 0 && isSpaced && /^["'\w.$@/][\w.$@/ "'-]*$/.test(line.slice(0, at))
    ? unquoted(line.slice(0, at).trim())
    : undefined;
}

function looseValue(lines: readonly string[], { mark, parse }: EntryRules): { value: unknown; isSound: boolean } {
  const entry = lines.join("\n");
  try {
    return { value: parse(entry), isSound: true };
  } catch {
    const text = entry.slice(entry.indexOf(mark) + 1).trim();
    return { value: unquoted(text), isSound: !/^[[{"']/.test(text) };
  }
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
