import type { RawDocument } from "./format.ts";

/** The document of a whole file. Its title is the one given, else its first heading of the highest depth, else the name of the file. */
export function fileDocument(
  source: string,
  { title, text, headings = [], metadata }: Partial<RawDocument> & { text: string },
): RawDocument {
  const first = headings.find(({ depth, title }) => depth === 1 && title !== "")?.title;
  return {
    title: title || first || titleFromName(source),
    text,
    metadata: { ...metadata, source },
    headings: headings.length > 0 ? headings : undefined,
  };
}

/** `guides/04-getting_started.md` gives `getting started`. */
export function titleFromName(source: string): string {
  const file = source
    .split("/")
    .at(-1)!
    .replace(/\.(gz|zst|bz2|xz)$/i, "");
  const stem = file.replace(/(?<=.)\.[A-Za-z0-9]+$/, "");
  return (
    stem
      .replace(/^\d+[-_.](?=\D)/, "")
      .replace(/[-_]+/g, " ")
      .trim() || stem
  );
}

const titleOfNone =
  /^[([]?(untitled|unnamed|anonymous|unspecified|no ?name|no title|title|unbenannt|ohne titel|sans titre|sin título|senza titolo|無題|无标题)( document)?[)\]]?$/iu;
const titleOfTool =
  /^(microsoft (word|powerpoint|excel|office word) - |(document|dokument|slide|presentation|book|sheet) ?\d{1,4}$|powerpoint presentation$)/i;
const titleOfFile =
  /^\S(.{0,200}\S)?\.(docx?|docm|dotx?|odt|rtf|pptx?|odp|xlsx?|ods|pdf|e?ps|tex|dvi|indd|qxd|pmd|fm|pages|key|cdr|wpd|txt|html?|tmp)$/i;

/** The title that a file states of itself; undefined where that is what a program puts in for none, or the name of a file. */
export function statedTitle(stated: unknown): string | undefined {
  if (typeof stated !== "string") return undefined;
  const title = withoutUnseen(stated).replace(/\s+/g, " ").trim();
  const isNone = title === "" || titleOfNone.test(title) || titleOfTool.test(title) || titleOfFile.test(title);
  return isNone ? undefined : title;
}

/** A text without what is not seen in it: soft hyphens, spaces of no width, byte order marks, controls. */
export function withoutUnseen(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u00AD\u200B\u2060\uFEFF]/g, "");
}

/** Rows of cells as a table of Markdown, the first row its header; `""` where there is none. A cell's lines are joined, its bars escaped. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length === 0 || width === 0) return "";
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, at) => cellText(cells[at] ?? "")).join(" | ")} |`;
  const [header = [], ...body] = rows;
  return [line(header), `|${" --- |".repeat(width)}`, ...body.map(line)].join("\n");
}

function cellText(text: string): string {
  return text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|");
}

/** Markup with its comments replaced. A comment that is not closed counts as text, with all that follows it. */
export function replaceComments(markup: string, replace: (comment: string) => string): string {
  let result = "";
  let from = 0;
  for (let at = markup.indexOf("<!--"); at >= 0; at = markup.indexOf("<!--", from)) {
    const end = markup.indexOf("-->", at + 4);
    if (end < 0) break;
    result += markup.slice(from, at) + replace(markup.slice(at, end + 3));
    from = end + 3;
  }
  return result + markup.slice(from);
}
