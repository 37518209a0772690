/** Which keys came more than once; one that came once may be taken for one of them, never the other way round. */
export interface RepeatedKeys {
  add(key: number, band: number): void;
  has(key: number, band: number): boolean;
}

// 2^27 bits: of 20 million keys that come once one in seven is taken for a repeated one.
const bits = 27;

/** Two bits a place, in 32 MB whatever the number of keys (a Bloom filter with one hash, Bloom 1970). */
export function repeatedKeys(): RepeatedKeys {
  const once = new Uint32Array(1 << (bits - 5));
  const again = new Uint32Array(1 << (bits - 5));
  const placeOf = (key: number, band: number) =>
    Math.imul(key ^ Math.imul(band + 1, 0x9e3779b1), 0x85ebca6b) >>> (32 - bits);
  return {
    add(key, band) {
      const place = placeOf(key, band);
      const word = place >>> 5;
      const bit = 1 << (place & 31);
      if (once[word]! & bit) again[word]! |= bit;
      else once[word]! |= bit;
    },
    has(key, band) {
      const place = placeOf(key, band);
      return (again[place >>> 5]! & (1 << (place & 31))) !== 0;
    },
  };
}
