import { readText } from "@rag-instruct/core/node";
import { marked } from "marked";
import { parse as parseYaml } from "yaml";
import type { FormatInput, FormatOptions, Heading, RawDocument, ReadEvent } from "./format.ts";
import { titleFromName } from "./text.ts";

const frontMatterBlock = /^---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)/;

/** Markdown and MDX: front matter becomes metadata, the text stays Markdown, and its headings are known. */
export async function* readMarkdown(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  yield [{ document: markdownDocument(text, input.source), line: 1 }];
}

/** The document of a Markdown text. */
export function markdownDocument(markdown: string, source: string): RawDocument {
  const { metadata, text } = splitFrontMatter(markdown);
  const headings = headingsOf(text);
  const named = typeof metadata.title === "string" ? metadata.title.trim() : "";
  const title = named || headings.find(({ depth }) => depth === 1)?.title || titleFromName(source);
  return { title, text, metadata: { ...metadata, source }, headings: headings.length > 0 ? headings : undefined };
}

/** Front matter that is not a YAML mapping is left where it is. */
function splitFrontMatter(markdown: string): { metadata: Record<string, unknown>; text: string } {
  const block = frontMatterBlock.exec(markdown);
  if (!block) return { metadata: {}, text: markdown };
  try {
    const metadata: unknown = parseYaml(block[1]!, { maxAliasCount: 10, logLevel: "error", prettyErrors: false }) ?? {};
    if (typeof metadata !== "object" || Array.isArray(metadata)) return { metadata: {}, text: markdown };
    return { metadata: metadata as Record<string, unknown>, text: markdown.slice(block[0].length) };
  } catch {
    return { metadata: {}, text: markdown };
  }
}

function headingsOf(text: string): Heading[] {
  const headings: Heading[] = [];
  let from = 0;
  for (const token of marked.lexer(text)) {
    // The lexer unifies line ends and tabs, so that a token's place is looked up and not added up.
    const firstLine = token.raw.trimStart().split("\n", 1)[0]!;
    if (token.type !== "heading" || firstLine === "") continue;
    const at = text.indexOf(firstLine, from);
    if (at < 0) continue;
    headings.push({ at, depth: token.depth as number, title: plainTitle(token.text as string) });
    from = at + firstLine.length;
  }
  return headings;
}

function plainTitle(markdown: string): string {
  return markdown
    .replace(/!?\[([^[\]]*)\]\((?:[^()]|\([^()]*\))*\)/g, "$1")
    .replace(/[*_`]+/g, "")
    .trim()
    .replace(/\{#[^{}]*\}$/, "")
    .trim();
}
