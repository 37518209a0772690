import type { Segment } from "./page-text.ts";

/** The least gap between two columns, in heights of their letters. */
const minGutter = 0.8;
const minSegments = 3;
/** Columns of prose are at least so wide, in heights of their letters, where cells of a table hold a word or a number. */
const minWidth = 9;
/** Lines of prose that go on within a sentence begin with a small letter; cells do not. */
const minGoingOn = 0.4;
/** In scripts without small letters, lines of prose are about as long as their column is wide. */
const minFilled = 0.85;

/**
 * Segments in the order in which they are read: columns of prose that were drawn row by row stand one after the other; all else, tables
 * too, stays as it was drawn. Columns are seen by a gap that no segment of them crosses, and prose by lines that go on in the middle of a sentence.
 */
export function readingOrder(segments: readonly Segment[]): Segment[] {
  const ordered: Segment[] = [];
  for (let at = 0; at < segments.length; ) {
    const block = columnBlock(segments, at);
    if (!block) {
      ordered.push(segments[at]!);
      at += 1;
      continue;
    }
    const { left, right, end } = block;
    if (isProse(left) && isProse(right)) ordered.push(...readingOrder(left), ...readingOrder(right));
    else ordered.push(...segments.slice(at, end));
    at = end;
  }
  return ordered;
}

interface ColumnBlock {
  left: Segment[];
  right: Segment[];
  /** The first segment behind it. */
  end: number;
}

/** The segments from one on that stand to the left and to the right of one gap, drawn from top to bottom; undefined where none begins there. */
function columnBlock(segments: readonly Segment[], start: number): ColumnBlock | undefined {
  const [first, second] = [segments[start]!, segments[start + 1]];
  if (!second || !isBeside(first, second)) return undefined;
  const block: ColumnBlock = { left: [], right: [], end: start };
  const gutter = { from: first.right, to: second.left };
  let last = first;
  for (let at = start; at < segments.length; at++) {
    const segment = segments[at]!;
    const middle = (gutter.from + gutter.to) / 2;
    const isLeft = (segment.left + segment.right) / 2 < middle;
    const from = isLeft ? Math.max(gutter.from, segment.right) : gutter.from;
    const to = isLeft ? gutter.to : Math.min(gutter.to, segment.left);
    const goesDown = segment.y <= last.y + last.size / 2 && last.y - segment.y < 3 * last.size;
    if (!goesDown || to - from < minGutter * segment.size) break;
    Object.assign(gutter, { from, to });
    (isLeft ? block.left : block.right).push(segment);
    block.end += 1;
    last = segment;
  }
  return block;
}

function isBeside(first: Segment, second: Segment): boolean {
  const { size } = first;
  return Math.abs(first.y - second.y) < size / 2 && second.left - first.right >= minGutter * size;
}

function isProse(column: readonly Segment[]): boolean {
  if (column.length < minSegments) return false;
  const widths = column.map(({ left, right, size }) => (right - left) / size).sort((a, b) => a - b);
  const median = widths[widths.length >> 1]!;
  if (median < minWidth) return false;
  const begins = column.slice(1).map(({ text }) => text[0]!);
  const cased = begins.filter((letter) => /\p{Ll}|\p{Lu}/u.test(letter));
  if (cased.length * 2 < begins.length) return median >= minFilled * widths.at(-1)!;
  return begins.filter((letter) => /\p{Ll}/u.test(letter)).length >= minGoingOn * begins.length;
}
