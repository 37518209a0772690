import type { SyntaxNode } from "@lezer/common";
import { GFM, parser } from "@lezer/markdown";

/** A part of a text as Markdown lays it out. Its leaves are stretches of the text itself, so that marks in the text keep their places. */
export type MarkdownPart = MarkdownElement | MarkdownText;

/** A stretch of the text; `instead` where something else stands for it. */
export interface MarkdownText {
  from: number;
  to: number;
  instead?: string;
}

/** An element and what is in it. */
export interface MarkdownElement {
  tag: Tag;
  /** Of a link, where its address may be followed. */
  href?: string;
  /** Number of a list's first item. */
  start?: number;
  parts: MarkdownPart[];
}

type Tag = keyof typeof tagOf | "heading" | "table" | "tr" | "td" | "th" | "pre";

// The reader's work grows with the square of some texts: what is longer is shown as it is written, and so are runs of white space.
const maxCharacters = 10_000;
const longSpace = /[ \t]{200}/;
// Every level is an element in an element.
const maxDepth = 16;

const markdown = parser.configure([GFM]);

const tagOf = {
  p: "Paragraph",
  blockquote: "Blockquote",
  ul: "BulletList",
  ol: "OrderedList",
  li: "ListItem",
  em: "Emphasis",
  strong: "StrongEmphasis",
  s: "Strikethrough",
  code: "InlineCode",
  a: "Link",
  hr: "HorizontalRule",
  br: "HardBreak",
} as const;

const tags = new Map<string, Tag>([
  ...(Object.entries(tagOf) as [Tag, string][]).map(([tag, name]): [string, Tag] => [name, tag]),
  ...[1, 2, 3, 4, 5, 6].map((level): [string, Tag] => [`ATXHeading${level}`, "heading"]),
  ["SetextHeading1", "heading"],
  ["SetextHeading2", "heading"],
  ["FencedCode", "pre"],
  ["CodeBlock", "pre"],
  ["Table", "table"],
  ["TableHeader", "tr"],
  ["TableRow", "tr"],
  ["TableCell", "td"],
]);
const marks = new Set([
  ...["EmphasisMark", "StrikethroughMark", "CodeMark", "HeaderMark", "LinkMark", "QuoteMark", "ListMark"],
  ...["TableDelimiter", "CodeInfo"],
]);
const blocks = new Set(["p", "heading", "blockquote", "ul", "ol", "li", "hr", "table", "tr", "pre"]);
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

/**
 * Lays a text out as Markdown (CommonMark with GitHub's tables). HTML in it stays text, an image its words and address, and whatever
 * would not be seen as it is written, such as a list of one item, is left alone. Undefined where the text is shown as it is.
 */
export function readMarkdown(text: string): MarkdownPart[] | undefined {
  if (text.length > maxCharacters || longSpace.test(text)) return undefined;
  return partsOf(markdown.parse(text).topNode, text, 0).filter(
    (part) => "tag" in part || text.slice(part.from, part.to).trim() !== "",
  );
}

/** What stands in a node: its children, and the text between them. */
function partsOf(node: SyntaxNode, text: string, depth: number): MarkdownPart[] {
  const parts: MarkdownPart[] = [];
  let from = node.from;
  const add = (to: number) => {
    if (to > from) parts.push({ from, to });
  };
  for (let child = node.firstChild; child; child = child.nextSibling) {
    add(child.from);
    const part = partOf(child, text, depth + 1);
    if (part) parts.push(part);
    from = child.to;
  }
  add(node.to);
  // Between blocks stand line breaks and the marks of quotations alone.
  const hasBlocks = parts.some((part) => "tag" in part && blocks.has(part.tag));
  return hasBlocks ? parts.filter((part) => "tag" in part || text.slice(part.from, part.to).trim() !== "") : parts;
}

function partOf(node: SyntaxNode, text: string, depth: number): MarkdownPart | undefined {
  const { name, from, to } = node;
  if (marks.has(name)) return undefined;
  const asWritten = { from, to };
  if (name === "Escape") return { from: from + 1, to };
  if (name === "Entity") return { from, to, instead: entities[text.slice(from + 1, to - 1)] };
  if (name === "URL" || name === "Autolink") return linkTo(asWritten, text);
  const tag = tags.get(name);
  if (tag === undefined || depth > maxDepth) return isBlock(node) ? { tag: "p", parts: [asWritten] } : asWritten;
  if (tag === "a") return linkOf(node, text, depth);
  if (tag === "pre") return { tag, parts: codeOf(node, asWritten) };
  if (tag === "ul" || tag === "ol") return listOf(node, text, depth);
  const element: MarkdownElement = { tag, parts: partsOf(node, text, depth) };
  // A heading without words, and a cell's spaces.
  if (tag === "heading" && element.parts.length === 0) return { tag: "p", parts: [asWritten] };
  if (name === "TableHeader") for (const cell of element.parts) if ("tag" in cell && cell.tag === "td") cell.tag = "th";
  if (name === "TableHeader" || name === "TableRow") element.parts = element.parts.filter((cell) => "tag" in cell);
  return element;
}

const isBlock = ({ name, parent }: SyntaxNode) =>
  /Block$|^LinkReference$/.test(name) || (parent?.name === "Document" && !tags.has(name));

/** "- 5" is a number as often as a list: one item alone is shown as it is written. */
function listOf(node: SyntaxNode, text: string, depth: number): MarkdownElement {
  const { from, to, firstChild } = node;
  if (!firstChild?.nextSibling) return { tag: "p", parts: [{ from, to }] };
  const isOrdered = node.name === "OrderedList";
  const start = isOrdered ? Number.parseInt(text.slice(firstChild.from, firstChild.from + 9), 10) : undefined;
  return { tag: isOrdered ? "ol" : "ul", start, parts: partsOf(node, text, depth) };
}

/** The lines of code, without the marks around them. */
function codeOf(node: SyntaxNode, asWritten: MarkdownText): MarkdownPart[] {
  const lines = node.getChildren("CodeText").map(({ from, to }) => ({ from, to }));
  return lines.length > 0 ? lines : [asWritten];
}

/** The words of a link; one whose address stands elsewhere, and an image, are shown as they are written. */
function linkOf(node: SyntaxNode, text: string, depth: number): MarkdownPart {
  const { from, to } = node;
  const url = node.getChild("URL");
  const [open, close] = node.getChildren("LinkMark");
  const href = url && followed(text.slice(url.from, url.to));
  if (!url || !open || !close || !href) return { from, to };
  const parts = partsOf(node, text, depth).filter((part) => placeOf(part) < close.from);
  return { tag: "a", href, parts };
}

function linkTo(place: MarkdownText, text: string): MarkdownPart {
  const address = text.slice(place.from, place.to).replace(/^<|>$/g, "");
  const href = followed(address.startsWith("www.") ? `https://${address}` : address);
  return href ? { tag: "a", href, parts: [place] } : place;
}

/** An address that a reader may follow: of a page, or of mail. */
function followed(address: string): string | undefined {
  return /^(?:https?:\/\/|mailto:)[^\s]+$/i.test(address) ? address : undefined;
}

function placeOf(part: MarkdownPart): number {
  if (!("tag" in part)) return part.from;
  return part.parts[0] ? placeOf(part.parts[0]) : 0;
}
