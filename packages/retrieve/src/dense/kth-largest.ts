/** Steps between neighbouring float32 numbers that the k-th largest may be missed by: one part in 16,384 of it. */
const mostSteps = 2 ** 9;

/**
 * A float32 number that at least `k` of a list reach, and hardly less than the k-th largest; `least` where that is not known to
 * be reached by so many. Halves the numbers between, of which there are 2^32 at most.
 * @param reach how many of the list are at least so much
 */
export function nearKthLargest(reach: (number: number) => number, k: number, least: number): number {
  if (reach(least) < k) return least;
  let [low, high] = [placeOf(least), placeOf(Number.POSITIVE_INFINITY) + 1];
  while (high - low > mostSteps) {
    const middle = Math.floor((low + high) / 2);
    if (reach(numberAt(middle)) >= k) low = middle;
    else high = middle;
  }
  return numberAt(low);
}

// The place of a float32 among all of them in their order.
const [float, bits] = ((buffer) => [new Float32Array(buffer), new Int32Array(buffer)] as const)(new ArrayBuffer(4));
const inOrder = (bits: number) => (bits < 0 ? bits ^ 0x7fffffff : bits);
function placeOf(number: number): number {
  float[0] = number;
  return inOrder(bits[0]!);
}
function numberAt(place: number): number {
  bits[0] = inOrder(place);
  return float[0]!;
}
