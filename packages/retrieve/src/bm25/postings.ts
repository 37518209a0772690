/** An inverted index in typed arrays: the postings of term t stand at `offsets[t]` to `offsets[t + 1]`, rows ascending. */
export interface Postings {
  terms: string[];
  /** One more than there are terms. */
  offsets: Uint32Array;
  rows: Uint32Array;
  frequencies: Uint16Array;
  /** Number of terms of each passage. */
  lengths: Uint32Array;
}

/** Collects passages one by one. */
export interface PostingsBuilder {
  add(terms: readonly string[]): void;
  finish(): Postings;
}

const largestFrequency = 0xffff;

/** Gathers (term, row, frequency) in the order of the passages and sorts them by term at the end, by counting. */
export function postingsBuilder(): PostingsBuilder {
  const termIds = new Map<string, number>();
  const documentFrequencies: number[] = [];
  const entries = growingUint32();
  const frequencies = growingUint32();
  const perPassage = growingUint32();
  const lengths = growingUint32();

  return {
    add(terms) {
      const counts = new Map<number, number>();
      for (const term of terms) {
        let id = termIds.get(term);
        if (id === undefined) {
          id = termIds.size;
          termIds.set(term, id);
          documentFrequencies.push(0);
        }
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      for (const [id, count] of counts) {
        documentFrequencies[id]! += 1;
        entries.push(id);
        frequencies.push(Math.min(count, largestFrequency));
      }
      perPassage.push(counts.size);
      lengths.push(terms.length);
    },
    finish() {
      const offsets = new Uint32Array(termIds.size + 1);
      for (const [id, frequency] of documentFrequencies.entries()) offsets[id + 1] = offsets[id]! + frequency;
      const next = offsets.slice();
      const sorted = { rows: new Uint32Array(entries.length), frequencies: new Uint16Array(entries.length) };
      const [ids, counts, widths] = [entries.view(), frequencies.view(), perPassage.view()];
      for (let row = 0, at = 0; row < widths.length; row++) {
        for (const end = at + widths[row]!; at < end; at++) {
          const place = next[ids[at]!]!++;
          sorted.rows[place] = row;
          sorted.frequencies[place] = counts[at]!;
        }
      }
      return { terms: [...termIds.keys()], offsets, ...sorted, lengths: lengths.view().slice() };
    },
  };
}

function growingUint32(): { push(value: number): void; view(): Uint32Array; readonly length: number } {
  let data = new Uint32Array(1 << 12);
  let length = 0;
  return {
    push(value) {
      if (length === data.length) {
        const larger = new Uint32Array(length * 2);
        larger.set(data);
        data = larger;
      }
      data[length++] = value;
    },
    view: () => data.subarray(0, length),
    get length() {
      return length;
    },
  };
}
