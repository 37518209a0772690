import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * MiB by which this process grows in fifty rounds, garbage collected: the least of up to six measurements, and the first below the
 * bound. What is kept grows each time by the same, while an allocator's own growth comes to an end, sooner or later.
 */
export async function growthInFifty(round: (i: number) => Promise<void>, bound: number): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const resident = () => {
    collectGarbage();
    return process.memoryUsage.rss() / 2 ** 20;
  };
  let growth = Number.POSITIVE_INFINITY;
  for (let fifty = 0; fifty < 6 && growth > bound; fifty++) {
    const before = resident();
    for (let i = 0; i < 50; i++) await round(i);
    growth = Math.min(growth, resident() - before);
  }
  return growth;
}
