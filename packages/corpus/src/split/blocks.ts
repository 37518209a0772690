/** Words from `start` up to but not including `end`. */
export interface Block {
  start: number;
  end: number;
}

/** How words are grouped. */
export interface BlockOptions {
  /** Most words in a block. */
  size: number;
  /** Words that a block repeats from the one before. */
  overlap: number;
  /** Words at which a block ends rather than anywhere, ascending; a block ends elsewhere only when none is in reach. */
  softStops?: readonly number[];
}

/**
 * Groups the words `from` to `to` into blocks in order; together they cover every word.
 * With soft stops the repeated words begin at a stop too, so that they may be fewer.
 */
export function* blocksOf(from: number, to: number, { size, overlap, softStops }: BlockOptions): Generator<Block> {
  for (let start = from; start < to; ) {
    const farthest = Math.min(start + size, to);
    const end = farthest === to ? to : (lastStop(softStops, start, farthest) ?? farthest);
    yield { start, end };
    if (end === to) return;
    const back = Math.max(end - overlap, start + 1);
    start = overlap === 0 ? end : softStops ? (firstStop(softStops, back, end) ?? end) : back;
  }
}

function lastStop(stops: readonly number[] | undefined, after: number, upTo: number): number | undefined {
  if (!stops) return undefined;
  const stop = stops[upperBound(stops, upTo) - 1];
  return stop !== undefined && stop > after ? stop : undefined;
}

function firstStop(stops: readonly number[], from: number, before: number): number | undefined {
  const stop = stops[upperBound(stops, from - 1)];
  return stop !== undefined && stop < before ? stop : undefined;
}

/** Index of the first stop that is greater than a value. */
function upperBound(stops: readonly number[], value: number): number {
  let [low, high] = [0, stops.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (stops[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
