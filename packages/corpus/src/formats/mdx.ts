import { Parser } from "acorn";
import jsx from "acorn-jsx";
import { parse, postprocess, preprocess } from "micromark";
import { mdxExpression } from "micromark-extension-mdx-expression";
import { mdxJsx } from "micromark-extension-mdx-jsx";
import { mdxjsEsm } from "micromark-extension-mdxjs-esm";
import { replaceComments } from "./text.ts";

/** What is left of a page of MDX when what is for a program is gone. */
export interface MdxText {
  text: string;
  /** Blocks of imports and exports. */
  imports: number;
  /** Expressions that stand alone and are no text, such as loops over data; comments do not count. */
  expressions: number;
}

// A page without any of these is Markdown alone, and its grammar need not be read.
const forPrograms = /[{<]|^(?:import|export)\b/m;

type Event = ReturnType<typeof postprocess>[number];

/**
 * A page of MDX as Markdown: without imports, exports, tags and expressions; with what is between the tags, moved to the left, and what
 * a reader sees of their attributes. Undefined where it is no MDX.
 */
export function mdxText(page: string): MdxText | undefined {
  if (!forPrograms.test(page)) return { text: page, imports: 0, expressions: 0 };
  const events = mdxEvents(page);
  if (!events) return undefined;
  const parts: MdxPart[] = [];
  for (const [kind, { type, start, end }] of events) {
    if (kind !== "enter") continue;
    const part = { type, at: start.offset, end: end.offset };
    if (partTypes.has(type)) parts.push({ ...part, attributes: [] });
    else if (/^mdxJsx(?:Flow|Text)TagAttribute$/.test(type))
      parts.at(-1)?.attributes.push(page.slice(part.at, part.end));
  }
  const edits = [...parts.map((part) => editOf(part, page)), ...indentation(parts, page)];
  const isProgram = ({ type, at, end }: MdxPart) =>
    type === "mdxFlowExpression" && literalText(page.slice(at, end)) === undefined;
  return {
    text: applied(page, edits),
    imports: parts.filter(({ type }) => type === "mdxjsEsm").length,
    expressions: parts.filter(isProgram).length,
  };
}

// Labels and emphasis do not matter here, and take long where there are very many.
const plainMarkdown = {
  disable: {
    null: "attention autolink characterEscape characterReference codeIndented htmlFlow htmlText labelEnd labelStartImage labelStartLink".split(
      " ",
    ),
  },
};
const programs = {
  acorn: Parser.extend(jsx()),
  acornOptions: { ecmaVersion: "latest", sourceType: "module" },
} as const;

/**
 * The page by MDX's own grammar; else as tools take it that allow more: HTML's comments, anchors in braces behind a heading, and
 * whatever else stands in braces. Of a page with a fault in its tags the imports are found.
 */
function mdxEvents(page: string): Event[] | undefined {
  const blank = (found: string) => found.replace(/[^\r\n]/g, " ");
  const looser = replaceComments(page, blank).replace(/\{#[^{}\r\n]*\}[ \t]*$/gm, blank);
  for (const [text, expressions] of [
    [page, programs],
    [looser, programs],
    [looser, {}],
    [looser, undefined],
  ] as const) {
    try {
      const tags = expressions ? [mdxExpression(expressions), mdxJsx(expressions)] : [];
      const extensions = [plainMarkdown, ...tags, mdxjsEsm(programs)];
      return postprocess(
        parse({ extensions })
          .document()
          .write(preprocess()(text, undefined, true)),
      );
    } catch {
      // The next way is tried.
    }
  }
  return undefined;
}

const partTypes: ReadonlySet<string> = new Set(
  "mdxjsEsm mdxFlowExpression mdxTextExpression mdxJsxFlowTag mdxJsxTextTag".split(" "),
);

/** A part of a page that is no Markdown. */
interface MdxPart {
  type: string;
  at: number;
  end: number;
  /** As they are written, of a tag. */
  attributes: string[];
}

interface Edit {
  at: number;
  end: number;
  text: string;
}

function editOf({ type, at, end, attributes }: MdxPart, page: string): Edit {
  const source = page.slice(at, end);
  if (type === "mdxjsEsm") return { at, end, text: "" };
  if (type.endsWith("Expression")) {
    const isAnchor = /^\{\s*#/.test(source);
    const literal = literalText(source);
    return { at, end, text: literal ?? (type === "mdxTextExpression" && !isAnchor ? source : "") };
  }
  const seen = attributes.flatMap(visibleValue);
  if (type === "mdxJsxFlowTag") return { at, end, text: seen.join("\n") };
  const isBlock = /^<\/?(?:br|p|div|li|ul|ol|t[dhr]|table|thead|tbody|h[1-6]|dt|dd|section|summary|details)\b/i.test(
    source,
  );
  return { at, end, text: [...seen, isBlock ? " " : ""].join(" ") };
}

/** The text of an expression that is a string, or a comment, which has none. */
function literalText(expression: string): string | undefined {
  const inner = expression.slice(1, -1).trim();
  if (inner === "" || (inner.startsWith("/*") && inner.indexOf("*/") === inner.length - 2)) return "";
  const [, , text] = /^(["'`])([^"'`\\$]*)\1$/.exec(inner) ?? [];
  return text;
}

const visibleNames = /^(?:title|label|heading|header|caption|summary|description|alt|question)$/;

/** What a reader sees of an attribute. */
function visibleValue(attribute: string): string[] {
  const at = attribute.indexOf("=");
  if (at < 0 || !visibleNames.test(attribute.slice(0, at).trim())) return [];
  const value = attribute.slice(at + 1).trim();
  const text = value.startsWith("{") ? literalText(value) : value.slice(1, -1);
  return text === undefined || text.trim() === "" ? [] : [text.replace(/\s+/g, " ").trim()];
}

/** What is indented inside a tag is so for the eye: four spaces would make code of it. */
function indentation(parts: readonly MdxPart[], page: string): Edit[] {
  const edits: Edit[] = [];
  // By element, the innermost last: the lines that are in no other one.
  const open: { at: number; indent: number }[][] = [];
  const tags = parts.filter(({ type }) => type === "mdxJsxFlowTag");
  let tag = 0;
  for (const { 0: line, index } of page.matchAll(/[^\r\n]+/g)) {
    const indent = line.length - line.trimStart().length;
    let isTag = false;
    for (; tag < tags.length && tags[tag]!.at < index + line.length; tag++) {
      const { at, end } = tags[tag]!;
      isTag ||= page.slice(index, at).trim() === "";
      const source = page.slice(at, end);
      if (source.startsWith("</")) edits.push(...movedLeft(open.pop() ?? []));
      else if (!source.endsWith("/>")) open.push([]);
    }
    if (isTag) edits.push({ at: index, end: index + indent, text: "" });
    else if (indent < line.length) open.at(-1)?.push({ at: index, indent });
  }
  return [...edits, ...open.flatMap(movedLeft)];
}

function movedLeft(lines: readonly { at: number; indent: number }[]): Edit[] {
  const common = lines.reduce((least, { indent }) => Math.min(least, indent), Number.POSITIVE_INFINITY);
  return lines.flatMap(({ at }) => (common > 0 ? { at, end: at + common, text: "" } : []));
}

/** A text with edits that may lie inside one another; then the outer one counts. */
function applied(text: string, edits: readonly Edit[]): string {
  let result = "";
  let from = 0;
  for (const { at, end, text: other } of edits.toSorted((a, b) => a.at - b.at || b.end - a.end)) {
    if (at < from) continue;
    result += text.slice(from, at) + other;
    from = end;
  }
  return result + text.slice(from);
}
