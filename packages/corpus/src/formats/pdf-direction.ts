/** A piece of a line and where it stands, in points; its own letters are in the order in which they are read. */
export interface Part {
  text: string;
  left: number;
  right: number;
  y: number;
  /** Height of its letters. */
  size: number;
}

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/;
const leftToRight = /[\p{L}\p{N}]/u;

/** Whether a text has letters of Hebrew, Arabic or another script that runs from right to left. */
export function hasRightToLeft(text: string): boolean {
  return rightToLeft.test(text);
}

/** A gap of so many heights of the letters is a space. */
const minSpace = 0.12;

/** Pieces side by side in one direction. */
interface Run {
  isRight: boolean;
  parts: Part[];
}

/**
 * A line that has letters from right to left, in the order in which it is read: programs draw its pieces, often single letters, in the one order or the other, so
 * that only their places tell. What runs from left to right in it, such as numbers, keeps its order. Brackets are seen from the other side there.
 */
export function rightToLeftText(parts: readonly Part[]): string {
  const shown = parts.filter(({ text }) => text.trim() !== "").sort((a, b) => a.left - b.left);
  if (shown.length < 2) return withBracketsTurned(parts.map(({ text }) => text).join(""));
  const all = shown.map(({ text }) => text).join("");
  const isRight = countOf(all, /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/g) * 2 >= countOf(all, /\p{L}/gu);
  const runs = runsOf(shown, isRight);
  const texts = runs.map((run) => joined(run.isRight ? run.parts.toReversed() : run.parts));
  let text = "";
  for (const at of isRight ? [...runs.keys()].reverse() : runs.keys()) {
    const before = runs[isRight ? at + 1 : at - 1];
    const [left, right] = isRight ? [runs[at], before] : [before, runs[at]];
    const gap = before && isApart(left!.parts.at(-1)!, right!.parts[0]!) ? " " : "";
    text += gap + texts[at];
  }
  return withBracketsTurned(text);
}

/** Signs between two pieces of one direction go with them, any other with the line. */
function runsOf(parts: readonly Part[], isRightLine: boolean): Run[] {
  const strong = parts.map(({ text }) => (rightToLeft.test(text) ? true : leftToRight.test(text) ? false : undefined));
  const runs: Run[] = [];
  for (const [at, part] of parts.entries()) {
    const before = strong.slice(0, at).findLast((direction) => direction !== undefined);
    const after = strong.slice(at).find((direction) => direction !== undefined);
    const isRight = strong[at] ?? (before === after ? before : undefined) ?? isRightLine;
    const run = runs.at(-1);
    if (run?.isRight === isRight) run.parts.push(part);
    else runs.push({ isRight, parts: [part] });
  }
  return runs;
}

function joined(parts: readonly Part[]): string {
  return parts.reduce((text, part, at) => {
    const before = parts[at - 1];
    return text + (before && isApart(before, part) ? " " : "") + part.text.trim();
  }, "");
}

/** Whether a space is between two pieces side by side, in either order. */
function isApart(one: Part, other: Part): boolean {
  const gap = Math.max(other.left - one.right, one.left - other.right);
  return gap > minSpace * Math.max(one.size, other.size);
}

const turned: Readonly<Record<string, string>> = Object.fromEntries(
  ["()", "[]", "{}", "«»", "‹›"].flatMap(([open, close]) => [
    [open, close],
    [close, open],
  ]),
);

/** Brackets that open behind a word and close before one are taken for what they were before they were turned for the eye. */
function withBracketsTurned(text: string): string {
  return text.replace(/[()[\]{}«»‹›]/g, (bracket, at: number) => {
    const [before = " ", after = " "] = [text[at - 1], text[at + 1]];
    const isOpening = /[([{«‹]/.test(bracket);
    const opens = /[\s([{«‹]/.test(before) && !/[\s.,:;!?]/.test(after);
    const closes = !/\s/.test(before) && /[\s.,:;!?)\]}»›]/.test(after);
    return (opens && !closes && !isOpening) || (closes && !opens && isOpening) ? turned[bracket]! : bracket;
  });
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
