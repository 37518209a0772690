import { parseDocument } from "htmlparser2";
import { childrenOf, findElement } from "./html-tree.ts";

/** Number formats of Excel that show a day, and those that show a time alone (ECMA-376 part 1, section 18.8.30). */
const dateFormats = new Set([14, 15, 16, 17, 22, ...range(27, 36), ...range(50, 58)]);
const timeFormats = new Set([18, 19, 20, 21, 45, 46, 47]);

type Shown = "date" | "time";

/**
 * Writes values of a workbook's sheets out as they are shown, where its reader knows only numbers: days as `2024-01-31`, with their time where they have
 * one, times as `14:30:00`, truth as TRUE and FALSE. True where anything was written.
 */
export function writeOutValues(parts: Map<string, Buffer>): boolean {
  const shown = shownByStyle(parts.get("xl/styles.xml")?.toString("utf8") ?? "");
  const is1904 = /<workbookPr\b[^<>]*\bdate1904="(1|true)"/.test(parts.get("xl/workbook.xml")?.toString("utf8") ?? "");
  let isChanged = false;
  for (const [name, bytes] of parts) {
    if (!/^xl\/worksheets\/[^/]+\.xml$/.test(name)) continue;
    const sheet = bytes.toString("utf8");
    const written = sheet.replace(
      /<c\b([^<>]*)>(?:<f\b[^<>]*\/>|<f\b[^<>]*>[^<]*<\/f>)?<v>([^<>]{1,40})<\/v>/g,
      (cell, attributes: string, value: string) => {
        const text = shownText(attributes, value, { shown, is1904 });
        if (text === undefined) return cell;
        return `<c${attributes.replace(/\bt="\w*"/, "")} t="inlineStr"><is><t>${text}</t></is>`;
      },
    );
    if (written === sheet) continue;
    parts.set(name, Buffer.from(written));
    isChanged = true;
  }
  return isChanged;
}

function shownText(
  attributes: string,
  value: string,
  { shown, is1904 }: { shown: readonly (Shown | undefined)[]; is1904: boolean },
): string | undefined {
  const type = /\bt="(\w*)"/.exec(attributes)?.[1] ?? "n";
  if (type === "b") return value === "1" ? "TRUE" : "FALSE";
  const how = type === "n" ? shown[Number(/\bs="(\d{1,6})"/.exec(attributes)?.[1] ?? 0)] : undefined;
  const days = Number(value);
  return how && days >= 0 && days < maxDays ? dateText(days, { how, is1904 }) : undefined;
}

/** The last day of the year 9999. */
const maxDays = 2_958_466;

/** Days are counted from the end of 1899, or of 1903 in workbooks of old Macs. */
function dateText(days: number, { how, is1904 }: { how: Shown; is1904: boolean }): string {
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const iso = new Date(epoch + Math.round(days * 86_400) * 1000).toISOString();
  const [day = "", time = ""] = iso.slice(0, 19).split("T");
  if (how === "time" && days < 1) return time;
  return time === "00:00:00" ? day : `${day} ${time}`;
}

/** How the values of each style of cells are shown; undefined for numbers. */
function shownByStyle(styles: string): (Shown | undefined)[] {
  const root = parseDocument(styles, { xmlMode: true });
  const [formats, cells] = [findElement(root, "numFmts"), findElement(root, "cellXfs")];
  const codes = new Map<number, string>();
  for (const { attribs } of formats ? childrenOf(formats, "numFmt") : [])
    codes.set(Number(attribs.numFmtId), attribs.formatCode ?? "");
  return (cells ? childrenOf(cells, "xf") : []).map(({ attribs }) => {
    const id = Number(attribs.numFmtId ?? 0);
    const code = codes.get(id);
    if (code !== undefined) return shownByCode(code);
    return dateFormats.has(id) ? "date" : timeFormats.has(id) ? "time" : undefined;
  });
}

/** By the letters of a format's first part that stand for themselves in none: not those in quotes, in brackets or escaped. */
function shownByCode(code: string): Shown | undefined {
  const bare = code.replace(/"[^"]*"|\[[^[\]]*\]|[\\_*]./g, "").split(";", 1)[0]!;
  if (/general/i.test(bare)) return undefined;
  if (/[dy]/i.test(bare)) return "date";
  return /[hs]/i.test(bare) ? "time" : undefined;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
