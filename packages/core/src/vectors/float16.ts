/** The 65,536 values of IEEE 754 half precision, by their bits; made at the first use. */
let table: Float32Array | undefined;

/** Writes half-precision numbers, given as their bits, into `into` as single-precision ones. Exact. */
export function decodeFloat16(bits: Uint16Array, into: Float32Array): void {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => singleOf(half));
  for (let i = 0; i < bits.length; i++) into[i] = table[bits[i]!]!;
}

/**
 * Writes single-precision numbers into `into` as the bits of the nearest half-precision ones; ties go to the even one, as
 * IEEE 754 and NumPy round. From 65,520 on the result is infinite.
 */
export function encodeFloat16(values: Float32Array, into: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) into[i] = toHalf(words[i]!);
}

function singleOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bits of a single-precision number to bits of a half-precision one. */
function toHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude < 0x38800000) return sign | toSubnormal(magnitude);
  // The exponents differ by 112; adding just under half of the last kept bit, and that bit, rounds ties to even.
  const rebased = magnitude - (112 << 23);
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}

/** Below 2^-14 a half is a multiple of 2^-24. */
function toSubnormal(magnitude: number): number {
  const exponent = magnitude >>> 23;
  if (exponent < 102) return 0; // below 2^-25, half of the smallest
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
