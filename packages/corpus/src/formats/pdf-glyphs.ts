import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { hasRightToLeft } from "./pdf-direction.ts";
import { angleOf, type Item, sizeOf } from "./pdf-items.ts";

type Operators = typeof import("pdfjs-dist/legacy/build/pdf.mjs")["OPS"];
type Matrix = readonly [number, number, number, number, number, number];

/** A letter as it is drawn: where it begins and ends on its base line, in points. */
interface Glyph {
  text: string;
  x: number;
  y: number;
  endX: number;
  endY: number;
  /** Height of its letters. */
  size: number;
}

/** What a page draws. */
export interface Drawing {
  /** In the order in which they are drawn, without spaces. */
  glyphs: Glyph[];
  /** The part of the page that its largest picture covers. */
  pictured: number;
}

/** Follows what a page draws, by the state of its graphics and text (ISO 32000-2, sections 8.4 and 9.3). */
export async function drawingOf(page: PDFPageProxy, ops: Operators): Promise<Drawing> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const [x0 = 0, y0 = 0, x1 = 1, y1 = 1] = page.view;
  const drawer = new Drawer(Math.abs((x1 - x0) * (y1 - y0)));
  const names = new Map(Object.entries(ops).map(([name, code]) => [code as number, name]));
  for (const [at, code] of fnArray.entries()) drawer.draw(names.get(code) ?? "", (argsArray[at] ?? []) as unknown[]);
  return drawer;
}

interface State {
  ctm: Matrix;
  size: number;
  letterSpace: number;
  wordSpace: number;
  scale: number;
  leading: number;
  rise: number;
}

const identity: Matrix = [1, 0, 0, 1, 0, 0];

class Drawer implements Drawing {
  glyphs: Glyph[] = [];
  pictured = 0;
  #area: number;
  #state: State = { ctm: identity, size: 1, letterSpace: 0, wordSpace: 0, scale: 1, leading: 0, rise: 0 };
  #saved: State[] = [];
  #line: Matrix = identity;
  #place: Matrix = identity;

  constructor(area: number) {
    this.#area = area;
  }

  draw(name: string, args: readonly unknown[]): void {
    const state = this.#state;
    const [first, second] = args as number[];
    if (name === "save" || name === "paintFormXObjectBegin") this.#saved.push({ ...state });
    if (name === "restore" || name === "paintFormXObjectEnd") this.#state = this.#saved.pop() ?? state;
    else if (name === "transform") state.ctm = product(state.ctm, args as never);
    else if (name === "paintFormXObjectBegin") state.ctm = product(state.ctm, matrixOf(args[0]));
    else if (name === "beginText") this.#moveTo(identity);
    else if (name === "setTextMatrix") this.#moveTo(matrixOf(args[0]));
    else if (name === "setFont") state.size = second!;
    else if (name === "setCharSpacing") state.letterSpace = first!;
    else if (name === "setWordSpacing") state.wordSpace = first!;
    else if (name === "setHScale") state.scale = first! / 100;
    else if (name === "setLeading") state.leading = first!;
    else if (name === "setTextRise") state.rise = first!;
    else if (name === "moveText") this.#moveBy(first!, second!);
    else if (name === "nextLine") this.#moveBy(0, -state.leading);
    else if (name === "setLeadingMoveText") {
      state.leading = -second!;
      this.#moveBy(first!, second!);
    } else if (name === "showText") this.#show(args[0] as readonly (DrawnGlyph | number | null)[]);
    else if (/^paint.*Image/.test(name)) {
      const [a, b, c, d] = state.ctm;
      this.pictured = Math.max(this.pictured, Math.min(1, Math.abs(a * d - b * c) / this.#area));
    }
  }

  #moveTo(matrix: Matrix): void {
    this.#line = matrix;
    this.#place = matrix;
  }

  #moveBy(x: number, y: number): void {
    this.#moveTo(product(this.#line, [1, 0, 0, 1, x, y]));
  }

  #show(drawn: readonly (DrawnGlyph | number | null)[]): void {
    const { ctm, size, letterSpace, wordSpace, scale, rise } = this.#state;
    const advance = (by: number) => {
      this.#place = product(this.#place, [1, 0, 0, 1, by * scale, 0]);
    };
    const placed = () => product(ctm, product(this.#place, [1, 0, 0, 1, 0, rise]));
    for (const glyph of drawn) {
      if (glyph === null) continue;
      if (typeof glyph === "number") {
        advance((-glyph / 1000) * size);
        continue;
      }
      const [, , c, d, x, y] = placed();
      advance((glyph.width / 1000) * size);
      const [, , , , endX, endY] = placed();
      const text = glyph.unicode.trim();
      if (text !== "") this.glyphs.push({ text, x, y, endX, endY, size: Math.hypot(c, d) * Math.abs(size) || 1 });
      advance(letterSpace + (glyph.isSpace ? wordSpace : 0));
    }
  }
}

/** What is read here of a letter in PDF.js's list of operators; the width is in thousandths of the font's size. */
interface DrawnGlyph {
  unicode: string;
  width: number;
  isSpace: boolean;
}

function product([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix {
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** PDF.js gives a matrix as a list of numbers or as an object of them. */
function matrixOf(given: unknown): Matrix {
  if (!given) return identity;
  const at = given as Record<number, number>;
  return [at[0] ?? 1, at[1] ?? 0, at[2] ?? 0, at[3] ?? 1, at[4] ?? 0, at[5] ?? 0];
}

const minLetters = 4;
/** Words of letters that stand apart are at most so many of their heights apart. */
const maxWordGap = 3;
const minSingle = 0.75;

/**
 * Text whose letters stand apart, as in `T h e  r e p o r t`, as words. Where a word ends is told by the gaps as they are drawn: PDF.js has a space for the small ones
 * and the wide ones alike.
 */
export async function withoutLetterSpacing(
  items: readonly Item[],
  drawn: () => Promise<Drawing>,
): Promise<readonly Item[]> {
  const runs = runsOf(items);
  if (!runs.some(isSpaced)) return items;
  const find = glyphFinder((await drawn()).glyphs);
  return runs.flatMap((run) => {
    const text = isSpaced(run) ? wordsOf(find(textOf(run))) : undefined;
    return text === undefined ? run : joined(run, text);
  });
}

/** Items side by side on a line. */
function runsOf(items: readonly Item[]): Item[][] {
  const runs: Item[][] = [];
  let isOpen = false;
  for (const item of items) {
    const last = runs.at(-1)?.at(-1);
    const isWide = item.str.trim() === "" && item.width > maxWordGap * sizeOf(item);
    if (isOpen && !isWide && angleOf(last!) === angleOf(item)) runs.at(-1)!.push(item);
    else runs.push([item]);
    isOpen = !item.hasEOL && !isWide;
  }
  return runs;
}

function textOf(run: readonly Item[]): string {
  return run.map(({ str }) => str).join("");
}

function isSpaced(run: readonly Item[]): boolean {
  const text = textOf(run);
  if (!/\S\s+\S\s+\S/.test(text) || hasRightToLeft(text)) return false;
  const pieces = text.trim().split(/\s+/);
  return (
    pieces.length >= minLetters && pieces.filter((piece) => [...piece].length === 1).length >= minSingle * pieces.length
  );
}

function joined(run: readonly Item[], str: string): Item {
  const shown = run.filter((item) => item.str.trim() !== "");
  const [first, last] = [shown[0]!, shown.at(-1)!];
  const [[, , , , x = 0, y = 0], [, , , , lastX = 0, lastY = 0]] = [
    first.transform as number[],
    last.transform as number[],
  ];
  return { ...first, str, width: Math.hypot(lastX - x, lastY - y) + last.width, hasEOL: run.at(-1)!.hasEOL };
}

/** Finds the letters of a text among those that are drawn, looking on from where the last one was found. */
function glyphFinder(glyphs: readonly Glyph[]): (text: string) => readonly Glyph[] {
  let drawn = "";
  const owners: number[] = [];
  for (const [index, { text }] of glyphs.entries()) {
    const letters = text.normalize("NFKC");
    for (let at = 0; at < letters.length; at++) owners.push(index);
    drawn += letters;
  }
  let from = 0;
  return (text) => {
    const letters = text.replace(/\s+/g, "").normalize("NFKC");
    let at = drawn.indexOf(letters, from);
    if (at < 0) at = drawn.indexOf(letters);
    if (at < 0) return [];
    from = at + letters.length;
    return glyphs.slice(owners[at], owners[from - 1]! + 1);
  };
}

/** The gap between letters, in their heights, is at least and at most so wide where they stand apart. */
const letterGaps = { least: 0.08, most: 0.8 };
/** A gap between words is wider by so much, and by this part. */
const wordGap = { more: 0.15, part: 0.3 };

/** The words of letters that stand apart; undefined where they may be words, names or numbers of one letter. */
function wordsOf(glyphs: readonly Glyph[]): string | undefined {
  const gaps = glyphs.slice(1).map((glyph, at) => gapBetween(glyphs[at]!, glyph));
  const gap = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 3)];
  if (gap === undefined || gap < letterGaps.least || gap > letterGaps.most) return undefined;
  const least = gap + Math.max(wordGap.more, wordGap.part * gap);
  const words = [glyphs[0]!.text];
  for (const [at, { text }] of glyphs.slice(1).entries()) {
    if (gaps[at]! > least) words.push(text);
    else words[words.length - 1] += text;
  }
  return isSpelled(words) ? words.join(" ").normalize("NFKC") : undefined;
}

function gapBetween(one: Glyph, other: Glyph): number {
  const length = Math.hypot(one.endX - one.x, one.endY - one.y) || 1;
  const [alongX, alongY] = [(one.endX - one.x) / length, (one.endY - one.y) / length];
  return ((other.x - one.endX) * alongX + (other.y - one.endY) * alongY) / Math.max(one.size, other.size);
}

/** No labels such as `A B C D` or `x y z`, and no digits. */
function isSpelled(words: readonly string[]): boolean {
  const letters = words.join("").match(/\p{L}/gu) ?? [];
  if (letters.length < minLetters || words.join("").length < words.length * 2) return false;
  const codes = letters.map((letter) => letter.toLowerCase().codePointAt(0)!);
  return codes.some((code, at) => at > 0 && code !== codes[at - 1]! + 1);
}
