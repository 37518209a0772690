const buckets = 2048;

/** Scores that are being added up: by row, and the rows that have any. */
export interface Sums {
  /** By row; 0 for a row that is not in `found`. */
  values: Float32Array;
  found: Uint32Array;
  count: number;
}

/**
 * A score that at least `limit` of the rows found reach, by a histogram in one pass; 0 where fewer are found.
 * @param options.most no score is greater
 */
export function thresholdOf(
  { values, found, count }: Sums,
  { limit, most, histogram }: { limit: number; most: number; histogram: Uint32Array },
): number {
  if (count < limit) return 0;
  histogram.fill(0);
  const scale = (buckets - 1) / most;
  for (let i = 0; i < count; i++) histogram[(values[found[i]!]! * scale) | 0]! += 1;
  let above = 0;
  let bucket = buckets;
  while (above < limit) above += histogram[--bucket]!;
  return bucket / scale;
}

export function newHistogram(): Uint32Array {
  return new Uint32Array(buckets);
}

/** Drops the rows whose score is below `least`; their sums become 0. */
export function dropBelow(sums: Sums, least: number): void {
  const { values, found, count } = sums;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = found[i]!;
    if (values[row]! >= least) found[kept++] = row;
    else values[row] = 0;
  }
  sums.count = kept;
}

/** Sorts scores with their rows by one native sort: a key is the score's bits above the inverted row's. */
export function rowSorter(): (sums: Sums, into: { rows: Int32Array; scores: Float32Array }) => void {
  let keys = new BigUint64Array(1 << 10);
  let words = new Uint32Array(keys.buffer);
  let floats = new Float32Array(keys.buffer);
  return ({ values, found, count }, { rows, scores }) => {
    if (keys.length < count) {
      keys = new BigUint64Array(count * 2);
      words = new Uint32Array(keys.buffer);
      floats = new Float32Array(keys.buffer);
    }
    for (let i = 0; i < count; i++) {
      floats[2 * i + 1] = values[found[i]!]!;
      words[2 * i] = ~found[i]!;
    }
    keys.subarray(0, count).sort();
    const best = Math.min(count, rows.length);
    for (let place = 0; place < best; place++) {
      const i = count - 1 - place;
      rows[place] = ~words[2 * i]!;
      scores[place] = floats[2 * i + 1]!;
    }
  };
}
