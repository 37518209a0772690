import { writeOutValues } from "./office-values.ts";
import { rtfInUnicode } from "./rtf-letters.ts";
import { unzip, zipOf } from "./zip.ts";

const maxUnpackedBytes = 1 << 28;

/**
 * A document as the library reads all of it: what that passes over is written as it knows it. Values of sheets stand as they are shown, shapes of slides and rows of
 * headings as any others, and letters of RTF once.
 */
export async function asLibraryReads(bytes: Buffer, name: string): Promise<Buffer> {
  if (bytes.toString("latin1", 0, 5) === "{\\rtf") return rtfInUnicode(bytes);
  if (bytes.toString("latin1", 0, 2) !== "PK") return bytes;
  const parts = await unzip(bytes, { name, maxUnpackedBytes, wanted: /\.(xml|rels)$|^mimetype$/ });
  let isChanged = parts.has("xl/workbook.xml") && writeOutValues(parts);
  for (const [part, content] of parts) {
    const rewrite = rewriterOf(part);
    const before = rewrite ? content.toString("utf8") : "";
    const after = rewrite ? rewrite(before) : before;
    if (after === before) continue;
    parts.set(part, Buffer.from(after));
    isChanged = true;
  }
  return isChanged ? zipOf(Object.fromEntries(parts)) : bytes;
}

function rewriterOf(part: string): ((xml: string) => string) | undefined {
  if (/^ppt\/(slides|notesSlides)\/[^/]+\.xml$/.test(part)) return withFirstChoices;
  // What stands in controls is text, rows of headings and groups of rows are rows, and numbers of pages no text.
  if (part !== "content.xml") return undefined;
  return (xml) =>
    withoutElements(withoutElements(xml, "text:tracked-changes"), "office:annotation")
      .replace(/<\/?(?:table:table-(?:header-rows|rows|row-group)|loext:content-control)\b[^<>]*>/g, "")
      .replace(/<text:page-number\b[^<>]*>[^<>]*<\/text:page-number>/g, "");
}

/** OpenDocument without what its reader does not see in the text: what was deleted while changes are tracked, and comments. */
function withoutElements(xml: string, name: string): string {
  let kept = "";
  let from = 0;
  for (let at = xml.indexOf(`<${name}`); at >= 0; at = xml.indexOf(`<${name}`, Math.max(from, at + 1))) {
    if (!/[\s>]/.test(xml[at + name.length + 1] ?? "")) continue;
    const end = xml.indexOf(`</${name}>`, at);
    if (end < 0) break;
    kept += xml.slice(from, at);
    from = end + name.length + 3;
  }
  return kept + xml.slice(from);
}

/**
 * Slides with the first choice in place of each set of shapes to choose from (ECMA-376 part 3, section 7.6), as a group: PowerPoint puts those with formulas, ink
 * and the like in such sets. The tags stay, as they name the spaces that names are of.
 */
function withFirstChoices(xml: string): string {
  let kept = "";
  let from = 0;
  // By set, the outer ones first: whether shapes are to choose from, and whether what is read is another choice than the first.
  const sets: { isOfShapes: boolean; isOther: boolean }[] = [];
  for (const { 0: tag, index, groups } of xml.matchAll(
    /<mc:AlternateContent\b(?<set>[^<>]*)>\s*<mc:Choice\b(?<choice>[^<>]*)>(?<shape>\s*<p:)?|<(?<end>\/?)mc:(?<name>AlternateContent|Choice|Fallback)\b[^<>]*>/g,
  )) {
    const { set, choice, shape, end, name } = groups!;
    const wasOther = sets.some(({ isOther }) => isOther);
    let written = tag;
    if (name === undefined) {
      sets.push({ isOfShapes: shape !== undefined, isOther: false });
      if (shape !== undefined) written = `<p:grpSp${set}><p:grpSp${choice}>${shape}`;
    } else if (sets.at(-1)?.isOfShapes) {
      const last = sets.at(-1)!;
      written = end === "" || last.isOther ? "" : "</p:grpSp>";
      if (name !== "AlternateContent") last.isOther = end === "" && !tag.endsWith("/>");
    }
    if (!wasOther) kept += xml.slice(from, index) + written;
    from = index + tag.length;
    if (name === "AlternateContent") sets.pop();
  }
  return kept + xml.slice(from);
}
