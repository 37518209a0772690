import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";

type Content = Awaited<ReturnType<PDFPageProxy["getTextContent"]>>;
type Item = Extract<Content["items"][number], { str: string }>;

/** A gap of so many heights of its letters parts a line. */
const minGap = 1.5;

/** The text of a page with what is filled in on its form. What is drawn twice at a place, to look bold, is there once. */
export async function pageText(page: PDFPageProxy, number: number): Promise<PageText> {
  const content = await page.getTextContent();
  const items = withoutDoubles(content.items.filter((item): item is Item => "str" in item));
  const angle = mainAngle(items);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = page.view;
  const corners = [turn(x0, y0, angle), turn(x0, y1, angle), turn(x1, y0, angle), turn(x1, y1, angle)];
  const heights = corners.map(({ y }) => y);
  const builder = new SegmentBuilder(angle);
  for (const item of items) builder.add(item);
  const segments = builder.finish();
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

function angleOf({ transform }: Item): number {
  const [a = 1, b = 0] = transform as number[];
  return (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
}

function sizeOf({ transform, height }: Item): number {
  const [, , c = 0, d = 0] = transform as number[];
  return Math.hypot(c, d) || height || 1;
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
  #open: Segment | undefined;
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
    this.#open ??= { text: "", left: x, right: x, y, size, line: this.#line };
    const open = this.#open;
    open.text += item.str;
    open.left = Math.min(open.left, x);
    open.right = Math.max(open.right, x + item.width);
    // A raised figure does not raise the line.
    if (size > open.size) Object.assign(open, { size, y });
  }

  #addAside(item: Item): void {
    const angle = angleOf(item);
    if (this.#aside?.angle !== angle) this.#endLine();
    this.#aside ??= { angle, text: "" };
    this.#aside.text += item.str;
  }

  #close(): void {
    if (this.#open && this.#open.text.trim() !== "") {
      this.#segments.push({ ...this.#open, text: this.#open.text.trim() });
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

/** What is read here of an annotation, as PDF.js has it. */
interface Annotation {
  subtype?: string;
  /** `Tx` text, `Ch` choice, `Btn` box or button, `Sig` signature. */
  fieldType?: string;
  fieldValue?: unknown;
  rect?: number[];
  hidden?: boolean;
  password?: boolean;
  checkBox?: boolean;
  radioButton?: boolean;
  /** The value at which a box or a button is on. */
  exportValue?: string;
  buttonValue?: string;
  options?: { exportValue?: string; displayValue?: string }[];
  contentsObj?: { str?: string };
}

/**
 * Puts what is filled in on a page's form (AcroForm), and what is typed onto it as free text, where it stands: at its label's line where there is one, else
 * as a line of its own. Boxes are `[x]` and `[ ]`; passwords stay out.
 */
function formMarks(segments: Segment[], annotations: readonly Annotation[]): void {
  const marks = annotations
    .flatMap((annotation) => {
      const [left = 0, bottom = 0, right = 0, top = 0] = annotation.rect ?? [];
      const text = markText(annotation);
      return text === "" ? [] : [{ text, left, right, bottom, top }];
    })
    .sort((a, b) => b.top - a.top || a.left - b.left);
  let line = Math.max(0, ...segments.map((segment) => segment.line));
  for (const { text, left, right, bottom, top } of marks) {
    const height = top - bottom;
    const beside = segments.filter(({ y, size }) => y < top + size / 4 && y + size / 2 > bottom);
    // The label stands before its field; a box stands before its label.
    const before = beside.filter((segment) => segment.left < left).sort((a, b) => b.left - a.left)[0];
    const after = beside.filter((segment) => segment.left >= left).sort((a, b) => a.left - b.left)[0];
    const near = before ?? after;
    line += 1;
    const mark: Segment = {
      text,
      left,
      right,
      y: near?.y ?? bottom + height / 4,
      size: near?.size ?? Math.min(height, 12),
      line: near?.line ?? line,
    };
    segments.splice(placeOf(segments, mark, { before, after }), 0, mark);
  }
}

function placeOf(
  segments: readonly Segment[],
  mark: Segment,
  { before, after }: { before: Segment | undefined; after: Segment | undefined },
): number {
  if (before) return segments.indexOf(before) + 1;
  if (after) return segments.indexOf(after);
  const below = segments.findIndex(({ y }) => y < mark.y);
  return below < 0 ? segments.length : below;
}

function markText(annotation: Annotation): string {
  const { subtype, fieldType, fieldValue, hidden, password } = annotation;
  if (hidden || password) return "";
  if (subtype === "FreeText") return annotation.contentsObj?.str?.trim() ?? "";
  if (subtype !== "Widget") return "";
  if (fieldType === "Tx") return typeof fieldValue === "string" ? fieldValue.trim() : "";
  if (fieldType === "Ch") return choiceText(annotation);
  if (annotation.checkBox) return fieldValue === annotation.exportValue ? "[x]" : "[ ]";
  if (annotation.radioButton) return fieldValue === annotation.buttonValue ? "[x]" : "[ ]";
  return "";
}

function choiceText({ fieldValue, options = [] }: Annotation): string {
  const shown = (value: unknown) => options.find(({ exportValue }) => exportValue === value)?.displayValue ?? value;
  return [fieldValue].flat().map(shown).filter(isText).join(", ");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** A piece of a line: text without a wide gap in it. Places are in points, in the direction in which most of its page is written. */
export interface Segment {
  text: string;
  left: number;
  right: number;
  /** Of the base line; it grows upwards. */
  y: number;
  /** Height of its letters. */
  size: number;
  /** Number of its line: those that share one stand side by side. */
  line: number;
}

/** The text of a page in the order in which it was drawn. */
export interface PageText {
  /** Counted from 1. */
  number: number;
  segments: Segment[];
  /** Lines that are turned by a right angle, such as a stamp in the margin or the name of an axis. */
  turned: string[];
  /** Lines that run aslant, such as a watermark. */
  slanted: string[];
  /** The highest and the lowest y of the page. */
  top: number;
  bottom: number;
  /** Written from top to bottom: its lines stand side by side. */
  isVertical: boolean;
}
