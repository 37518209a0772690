import { hashOf, seededRandom } from "@rag-instruct/core";

/** Cuts a text's signature into the keys of its bands. */
export interface BandSigner {
  readonly bands: number;
  /** Writes one 32-bit key a band; two sets fall into one band with the probability similarity^rows. */
  sign(shingles: Uint32Array, into: Uint32Array): void;
}

// More rows let fewer strangers meet; more bands miss fewer relatives.
const mostPermutations = 128;
/** Recall wanted for two texts that are just as similar as the threshold. */
const wantedRecall = 0.98;

/**
 * The shape of the hashing for a threshold (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4): as many rows a band as
 * leave a recall of 0.98 at the threshold itself within 128 permutations.
 */
export function bandsFor(threshold: number): { bands: number; rows: number } {
  let best = { bands: mostPermutations, rows: 1 };
  for (let rows = 1; rows <= 16; rows++) {
    const bands = Math.ceil(Math.log(1 - wantedRecall) / Math.log(1 - threshold ** rows));
    if (Number.isFinite(bands) && bands * rows <= mostPermutations) best = { bands: Math.max(1, bands), rows };
  }
  return best;
}

/**
 * MinHash (Broder 1997) with one multiply-shift hash a permutation (Dietzfelbinger et al. 1997), drawn by the seed; only the
 * bands' keys leave it.
 */
export function bandSigner({ bands, rows }: { bands: number; rows: number }, seed: number | string): BandSigner {
  const count = bands * rows;
  const random = seededRandom(seed, "minhash", hashOf([bands, rows]));
  const draw = () => Uint32Array.from({ length: count }, () => random.integer(2 ** 32));
  const factors = draw().map((factor) => factor | 1);
  const offsets = draw();
  return {
    bands,
    sign(shingles, into) {
      for (let band = 0, permutation = 0; band < bands; band++) {
        let key = band;
        for (let row = 0; row < rows; row++, permutation++) {
          key = mix(Math.imul(key, 31) ^ leastHash(shingles, factors[permutation]!, offsets[permutation]!));
        }
        into[band] = key >>> 0;
      }
    },
  };
}

function leastHash(shingles: Uint32Array, factor: number, offset: number): number {
  let least = 0x7fffffff;
  for (let i = 0; i < shingles.length; i++) {
    // The product's low bits depend on few bits of the shingle: its high half is folded in.
    const product = Math.imul(shingles[i]! ^ offset, factor);
    const hash = (product ^ (product >>> 15)) & 0x7fffffff;
    if (hash < least) least = hash;
  }
  return least;
}

function mix(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
