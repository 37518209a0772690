/** Frequencies above this one count as this one: BM25 has long saturated there. */
export const maxFrequency = 255;

/** Frequency and passage length of a posting in two bytes. @param lengthCode the byte that stands for the length */
export function postingCode(frequency: number, lengthCode: number): number {
  return (Math.min(frequency, maxFrequency) << 8) | lengthCode;
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

const mantissaBits = 3;

/**
 * A passage's length as Lucene keeps it, in one byte with four significant bits above 40 terms, rounded down
 * (org.apache.lucene.util.SmallFloat). Without this rounding, rankings differ from Lucene's and Anserini's in the third
 * decimal of nDCG.
 */
export function storedLength(length: number): number {
  return lengthOfCode(codeOfLength(length));
}

/** The byte that stands for a length. */
export function codeOfLength(length: number): number {
  return length < exact ? length : exact + smallFloat(length - exact);
}

/** The length that a byte stands for. */
export function lengthOfCode(code: number): number {
  return code < exact ? code : exact + fromSmallFloat(code - exact);
}

/** Lengths below this one are kept as they are: the codes of a byte that four-bit floats leave over. */
const exact = 255 - smallFloat(2 ** 31 - 1);

function smallFloat(value: number): number {
  const bits = 32 - Math.clz32(value);
  if (bits < mantissaBits + 1) return value;
  const shift = bits - (mantissaBits + 1);
  return ((value >>> shift) & (2 ** mantissaBits - 1)) | ((shift + 1) << mantissaBits);
}

function fromSmallFloat(code: number): number {
  const shift = (code >>> mantissaBits) - 1;
  const mantissa = code & (2 ** mantissaBits - 1);
  return shift < 0 ? mantissa : (mantissa | (2 ** mantissaBits)) * 2 ** shift;
}
