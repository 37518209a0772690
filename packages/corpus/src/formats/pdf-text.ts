import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { hasRightToLeft, type Part, rightToLeftText } from "./pdf-direction.ts";
import { type Drawing, withoutLetterSpacing } from "./pdf-glyphs.ts";
import { angleOf, type Item, type PageText, type Segment, sizeOf } from "./pdf-items.ts";
import { formMarks, joinListMarks } from "./pdf-marks.ts";

/** A gap of so many heights of its letters parts a line. */
const minGap = 1.5;

/**
 * The text of a page with what is filled in on its form. What is drawn twice at a place, to look bold, is there once, and words whose letters stand apart are words.
 * @param drawn what the page draws, which is asked for where the text alone does not do
 */
export async function pageText(page: PDFPageProxy, number: number, drawn: () => Promise<Drawing>): Promise<PageText> {
  const content = await page.getTextContent();
  const single = withoutDoubles(content.items.filter((item): item is Item => "str" in item));
  const items = await withoutLetterSpacing(single, drawn);
  const angle = mainAngle(items);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = page.view;
  const corners = [turn(x0, y0, angle), turn(x0, y1, angle), turn(x1, y0, angle), turn(x1, y1, angle)];
  const heights = corners.map(({ y }) => y);
  const builder = new SegmentBuilder(angle);
  for (const item of items) builder.add(item);
  const segments = builder.finish();
  joinListMarks(segments);
  // Forms of pages that lie on their side are as rare as their fields are hard to place.
  if (angle === 0) formMarks(segments, await page.getAnnotations());
  return {
    number,
    segments,
    turned: builder.turned,
    slanted: builder.slanted,
    top: Math.max(...heights),
    bottom: Math.min(...heights),
    isVertical: items.some(({ fontName, str }) => str.trim() !== "" && content.styles[fontName]?.vertical === true),
  };
}

/** A place as it is where text of an angle (degrees) runs from left to right. */
function turn(x: number, y: number, angle: number): { x: number; y: number } {
  const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  return { x: x * cos + y * sin, y: y * cos - x * sin };
}

/** The angle in which most characters are written, in degrees. */
function mainAngle(items: readonly Item[]): number {
  const lengths = new Map<number, number>();
  for (const item of items) {
    if (item.str.trim() === "") continue;
    const angle = angleOf(item);
    lengths.set(angle, (lengths.get(angle) ?? 0) + item.str.length);
  }
  const [main] = [...lengths].sort(([, a], [, b]) => b - a);
  return main === undefined || main[0] % 90 !== 0 ? 0 : main[0];
}

function withoutDoubles(items: readonly Item[]): Item[] {
  // By text and line, a line's height being told in parts within which doubles lie.
  const drawn = new Map<string, number[]>();
  return items.filter((item) => {
    if (item.str.trim() === "") return true;
    const [, , , , x = 0, y = 0] = item.transform as number[];
    const near = sizeOf(item) / 4;
    const part = Math.round(y / near);
    const places = [part - 1, part, part + 1].map((each) => drawn.get(`${each} ${item.str}`) ?? []);
    if (places.some((xs) => xs.some((other) => Math.abs(x - other) < near))) return false;
    drawn.set(`${part} ${item.str}`, [...places[1]!, x]);
    return true;
  });
}

/** Puts the pieces that PDF.js finds together to lines, and parts these at wide gaps. */
class SegmentBuilder {
  turned: string[] = [];
  slanted: string[] = [];
  #segments: Segment[] = [];
  #open: (Segment & { parts: Part[] }) | undefined;
  #line = 0;
  #angle: number;
  /** Text at another angle than the page's, as far as it goes. */
  #aside: { angle: number; text: string } | undefined;

  constructor(angle: number) {
    this.#angle = angle;
  }

  add(item: Item): void {
    const { str: text, hasEOL: endsLine } = item;
    if (text.trim() !== "" && angleOf(item) !== this.#angle) this.#addAside(item);
    else if (text.trim() !== "") this.#addText(item);
    else if (this.#aside) this.#aside.text += text;
    else if (this.#open && item.width > minGap * this.#open.size) this.#close();
    else if (this.#open) this.#open.text += text;
    if (endsLine) this.#endLine();
  }

  finish(): Segment[] {
    this.#endLine();
    return this.#segments;
  }

  #addText(item: Item): void {
    if (this.#aside) this.#endLine();
    const [, , , , e = 0, f = 0] = item.transform as number[];
    const { x, y } = turn(e, f, this.#angle);
    const size = sizeOf(item);
    if (this.#beginsLine(x, y, size)) this.#endLine();
    this.#open ??= { text: "", left: x, right: x, y, size, line: this.#line, parts: [] };
    const open = this.#open;
    open.text += item.str;
    open.parts.push({ text: item.str, left: x, right: x + item.width, y, size });
    open.left = Math.min(open.left, x);
    open.right = Math.max(open.right, x + item.width);
    // A raised figure does not raise the line.
    if (size > open.size) Object.assign(open, { size, y });
  }

  /** Between the page and what is drawn into it PDF.js sees no ends of lines. */
  #beginsLine(x: number, y: number, size: number): boolean {
    const last = this.#open?.parts.at(-1);
    if (!last) return false;
    const [away, height] = [Math.abs(y - last.y), Math.max(size, last.size)];
    return away > height || (away > height / 2 && x < last.right - height / 5);
  }

  #addAside(item: Item): void {
    const angle = angleOf(item);
    if (this.#aside?.angle !== angle) this.#endLine();
    this.#aside ??= { angle, text: "" };
    this.#aside.text += item.str;
  }

  #close(): void {
    if (this.#open && this.#open.text.trim() !== "") {
      const { parts, text, ...segment } = this.#open;
      this.#segments.push({ ...segment, text: (hasRightToLeft(text) ? rightToLeftText(parts) : text).trim() });
    }
    this.#open = undefined;
  }

  #endLine(): void {
    this.#close();
    this.#line += 1;
    if (!this.#aside) return;
    const { angle, text } = this.#aside;
    (angle % 90 === 0 ? this.turned : this.slanted).push(text.trim());
    this.#aside = undefined;
  }
}
