/** Terms in fewer passages have no skip table: reading their postings is as quick. */
export const fewestSkipped = 128;
const postingsPerBucket = 8;
const denseShare = 16;

/** Whether a term stands in so many passages that its frequencies are also kept by row, where they are found at once. */
export function isDense(passages: number, documentFrequency: number): boolean {
  return documentFrequency >= fewestSkipped && documentFrequency * denseShare >= passages;
}

/** Rows that share a bucket of a term's skip table, as a power of two: about eight postings a bucket. */
export function skipShift(passages: number, documentFrequency: number): number {
  return 31 - Math.clz32(Math.max(1, (passages * postingsPerBucket) / documentFrequency));
}

/** Entries of a term's skip table: where each bucket's postings start, and where the last one's end. */
export function skipEntries(passages: number, documentFrequency: number): number {
  if (documentFrequency < fewestSkipped || isDense(passages, documentFrequency)) return 0;
  return ((passages - 1) >>> skipShift(passages, documentFrequency)) + 2;
}

/** Writes a term's skip table from its rows in ascending order; places count from the term's first posting. */
export function fillSkips(rows: Uint32Array, passages: number, into: Uint32Array): void {
  const shift = skipShift(passages, rows.length);
  let bucket = 0;
  for (let place = 0; place < rows.length; place++) {
    for (const own = rows[place]! >>> shift; bucket <= own; bucket++) into[bucket] = place;
  }
  into.fill(rows.length, bucket);
}
