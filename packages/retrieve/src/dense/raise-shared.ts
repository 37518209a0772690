const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Raises a float32 number that threads share, unless it is as high already. */
export function raiseShared(ints: Int32Array, place: number, to: number): void {
  float[0] = to;
  const [raised, number] = [bits[0]!, float[0]!];
  for (let seen = Atomics.load(ints, place); floatOf(seen) < number; ) {
    const found = Atomics.compareExchange(ints, place, seen, raised);
    if (found === seen) return;
    seen = found;
  }
}

function floatOf(of: number): number {
  bits[0] = of;
  return float[0]!;
}
