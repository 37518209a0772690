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
