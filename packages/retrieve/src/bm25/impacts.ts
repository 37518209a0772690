import { lengthOfCode } from "./stored-length.ts";

/** Frequencies above this one count as this one: BM25 has long saturated there. */
export const largestFrequency = 255;

/** Frequency and passage length of a posting in two bytes. @param lengthCode the byte that stands for the length */
export function postingCode(frequency: number, lengthCode: number): number {
  return (Math.min(frequency, largestFrequency) << 8) | lengthCode;
}

/**
 * What a posting's code adds to a score before its idf, for each of the 65,536 codes:
 * tf / (tf + k1 · (1 − b + b · length / mean length)).
 */
export function impactTable({ k1, b, meanLength }: { k1: number; b: number; meanLength: number }): Float32Array {
  const table = new Float32Array(1 << 16);
  for (let code = 0; code < table.length; code++) {
    const frequency = code >>> 8;
    const norm = k1 * (1 - b + (b * lengthOfCode(code & 0xff)) / meanLength);
    table[code] = frequency === 0 ? 0 : frequency / (frequency + norm);
  }
  return table;
}

/** Robertson's idf as Lucene has it, never negative: ln(1 + (N − df + 0.5) / (df + 0.5)). */
export function inverseDocumentFrequency(passages: number, documentFrequency: number): number {
  return Math.log(1 + (passages - documentFrequency + 0.5) / (documentFrequency + 0.5));
}
