import { visibleString } from "@rag-instruct/core/page";
import type { ComponentChildren } from "preact";
import type { Span } from "../find-spans.ts";
import { type MarkdownPart, readMarkdown } from "../markdown.ts";
import { markedText } from "./foreign.tsx";

/** Foreign text laid out as Markdown, of elements that are made here alone; marked where spans of the text say so. */
export function Markdown({
  text,
  spans = [],
  title = "",
}: {
  text: string;
  spans?: readonly Span[];
  /** What stands above it: a heading that says the end of it again is left out. */
  title?: string;
}) {
  const parts = withoutTitle(readMarkdown(text), { text, title });
  return (
    <div class="markdown">
      {parts ? parts.map((part) => draw(part, { text, spans })) : <p dir="auto">{markedText(text, spans)}</p>}
    </div>
  );
}

function withoutTitle(
  parts: MarkdownPart[] | undefined,
  { text, title }: { text: string; title: string },
): MarkdownPart[] | undefined {
  const [first, ...rest] = parts ?? [];
  if (!first || !("tag" in first) || first.tag !== "heading" || rest.length === 0) return parts;
  const [words, more] = first.parts;
  if (!words || "tag" in words || more) return parts;
  const heading = text.slice(words.from, words.to).trim();
  return title === heading || title.endsWith(` > ${heading}`) ? rest : parts;
}

interface Source {
  text: string;
  spans: readonly Span[];
}

/** Each outermost block has a direction of its own, by its first letters; a list or table has one in all its parts. */
function draw(part: MarkdownPart, source: Source, isOutermost = true): ComponentChildren {
  if (!("tag" in part)) {
    const { from, to, instead } = part;
    return instead ?? markedText(source.text.slice(from, to), within(source.spans, from, to));
  }
  const { tag: Tag, href, start, parts } = part;
  const dir = isOutermost ? "auto" : undefined;
  const inner = parts.map((one) => draw(one, source, false));
  if (Tag === "hr" || Tag === "br") return <Tag />;
  if (Tag === "a")
    return (
      <a href={href} title={visibleString(href ?? "")} target="_blank" rel="noreferrer noopener">
        {inner}
      </a>
    );
  if (Tag === "heading")
    return (
      <p class="heading" dir={dir}>
        {inner}
      </p>
    );
  if (Tag === "table")
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
      <div class="wide-table" tabIndex={0}>
        <table dir={dir}>
          <tbody>{inner}</tbody>
        </table>
      </div>
    );
  if (Tag === "ol")
    return (
      <ol start={start} dir={dir}>
        {inner}
      </ol>
    );
  return <Tag dir={dir}>{inner}</Tag>;
}

/** The spans of a stretch, counted from its beginning. */
function within(spans: readonly Span[], from: number, to: number): Span[] {
  return spans.flatMap(({ start, end, kind }) => {
    const [first, last] = [Math.max(start, from), Math.min(end, to)];
    return first < last ? [{ start: first - from, end: last - from, kind }] : [];
  });
}
