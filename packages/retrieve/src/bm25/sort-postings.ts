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
