import { extensionOf, readText } from "@rag-instruct/core/node";
import type { FormatInput, FormatOptions, ReadEvent } from "./format.ts";
import { markedUpHeadings, markedUpTitle } from "./marked-up.ts";

/** Plain text: a file is one document by the title that its markup states (Org, AsciiDoc, reStructuredText, LaTeX), else by the name of the file. */
export async function* readPlainText(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  const extension = extensionOf(input.source);
  const headings = markedUpHeadings(extension, text);
  const title = markedUpTitle(extension, text, headings) ?? titleFromName(input.source);
  const metadata = { source: input.source };
  yield [{ document: { title, text, metadata, headings: headings.length > 0 ? headings : undefined }, line: 1 }];
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
