const mantissaBits = 3;

/**
 * A passage's length as Lucene keeps it, in one byte with three significant bits above 40 terms, rounded down
 * (org.apache.lucene.util.SmallFloat). Without this rounding, rankings differ from Lucene's and Anserini's in the third
 * decimal of nDCG.
 */
export function storedLength(length: number): number {
  return length < exact ? length : exact + truncate(length - exact);
}

/** Lengths below this one are kept as they are: the codes of a byte that four-bit floats leave over. */
const exact = 255 - codeOf(2 ** 31 - 1);

function truncate(value: number): number {
  const shift = Math.max(0, 32 - Math.clz32(value) - (mantissaBits + 1));
  return (value >>> shift) << shift;
}

function codeOf(value: number): number {
  const shift = 32 - Math.clz32(value) - (mantissaBits + 1);
  return ((value >>> shift) & (2 ** mantissaBits - 1)) | ((shift + 1) << mantissaBits);
}
