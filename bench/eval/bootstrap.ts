import { bootstrap, comparePaired } from "@rag-instruct/eval";

// Bootstrap and permutation test of 10,000 items x 10,000 resamples, one thread.

const count = 10_000;
const first = Array.from({ length: count }, (_, i) => ({ id: String(i), value: (i * 7919) % 100 < 62 ? 1 : 0 }));
const second = Array.from({ length: count }, (_, i) => ({ id: String(i), value: (i * 6007) % 100 < 65 ? 1 : 0 }));

function timed<T>(name: string, run: () => T): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  console.log(`${name.padEnd(60)} ${(best / 1000).toFixed(3)} s`);
}

timed("bootstrap, 10,000 items x 10,000 resamples", () => bootstrap(first.map(({ value }) => value)));
timed("comparePaired, 10,000 pairs, both 10,000 times", () => comparePaired(first, second));
