const buckets = 2048;

/** How many scores lie in each of many equal parts of the range from 0 to the greatest possible. */
export interface Histogram {
  counts: Uint32Array;
  /** Empties it. @returns buckets a unit of score, where no score is greater than `most` but for rounding */
  clear(most: number): number;
  /** A score that at least `limit` of those in it reach; it must hold as many. */
  threshold(limit: number): number;
}

export function newHistogram(): Histogram {
  const counts = new Uint32Array(buckets);
  let scale = 1;
  return {
    counts,
    clear(most) {
      counts.fill(0);
      scale = (buckets - 2) / most;
      return scale;
    },
    threshold(limit) {
      let above = 0;
      let bucket = buckets;
      while (above < limit) above += counts[--bucket]!;
      return bucket / scale;
    },
  };
}

/** Sorts rows with scores by one native sort: a key is the score's bits above the inverted row's. */
export function rowSorter() {
  let keys = new BigUint64Array(1 << 10);
  let words = new Uint32Array(keys.buffer);
  let floats = new Float32Array(keys.buffer);
  /** @param values scores by row */
  return (
    { found, count, values }: { found: Uint32Array; count: number; values: Float32Array },
    { rows, scores }: { rows: Int32Array; scores: Float32Array },
  ): void => {
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
