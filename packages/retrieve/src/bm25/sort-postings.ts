/** Texts one after another: their terms, and where each text ends among these. */
export interface TermsOfTexts {
  terms: Uint32Array;
  ends: Uint32Array;
}

/**
 * Two numbers per term, side by side, so that both are there once one is: the last text that has the term, counted from 1, and
 * how many texts have it so far or, while postings are sorted, where its next one goes.
 */
export type TermMarks = Uint32Array;

/** Counts in how many texts each term stands. @param marks zeros */
export function countTexts({ terms, ends }: TermsOfTexts, marks: TermMarks): void {
  for (let text = 0, i = 0; text < ends.length; text++) {
    for (const end = ends[text]!; i < end; i++) {
      const at = 2 * terms[i]!;
      if (marks[at] === text + 1) continue;
      marks[at] = text + 1;
      marks[at + 1]! += 1;
    }
  }
}

// Functions of a loop each: V8 leaves the fast code of a loop behind where something follows that it has not seen yet.

/**
 * The texts that `countTexts` counted, by the index's numbers.
 * @param options.known every term is below
 * @param options.size every number is below
 * @param options.numbers the number of each term, the term itself where there are none
 */
export function countsByNumber(
  marks: TermMarks,
  { known, size, numbers }: { known: number; size: number; numbers: Uint32Array | undefined },
): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(size);
  for (let term = 0; term < known; term++) counts[numbers ? numbers[term]! : term] = marks[2 * term + 1]!;
  return counts;
}

/** Where each number's postings begin, and the last one's end. */
export function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  let end = 0;
  for (let i = 0; i < counts.length; i++) starts[i + 1] = end += counts[i]!;
  return starts;
}

/** Puts where each term's postings begin in place of how many texts have it. */
export function layOut(
  marks: TermMarks,
  { known, starts, numbers }: { known: number; starts: Uint32Array; numbers: Uint32Array | undefined },
): void {
  for (let term = 0; term < known; term++) {
    marks[2 * term] = 0;
    marks[2 * term + 1] = starts[numbers ? numbers[term]! : term]!;
  }
}

/**
 * Puts each text's number and the term's frequency in it where the term's next posting goes.
 * @param marks no text of any term yet
 * @param into.frequencies those above 255 are 255
 */
export function sortPostings(
  { terms, ends }: TermsOfTexts,
  marks: TermMarks,
  { rows, frequencies }: { rows: Uint16Array; frequencies: Uint8ClampedArray },
): void {
  for (let text = 0, i = 0; text < ends.length; text++) {
    for (const end = ends[text]!; i < end; i++) {
      const at = 2 * terms[i]!;
      if (marks[at] === text + 1) {
        frequencies[marks[at + 1]! - 1]! += 1;
        continue;
      }
      marks[at] = text + 1;
      const place = marks[at + 1]!++;
      rows[place] = text;
      frequencies[place] = 1;
    }
  }
}
