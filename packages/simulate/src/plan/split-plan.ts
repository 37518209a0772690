import type { Source } from "@rag-instruct/core";
import type { SynthesisTask } from "./task.ts";

/** A reserve and where it stands in the plan. */
export interface PlacedTask {
  task: SynthesisTask;
  place: number;
}

/** A plan that is read once: first its wanted tasks, then as many reserves as are asked for. */
export interface SplitPlan {
  wanted(): AsyncGenerator<SynthesisTask>;
  /** As many reserves of each paradigm as it misses, in the order of the plan. */
  draw(missing: ReadonlyMap<string, number>): Promise<PlacedTask[]>;
  /** The place of the first reserve that may still be drawn. */
  earliestReserve(missing: ReadonlyMap<string, number>): number;
  /** Reads the plan to its end and counts the reserves that were never drawn. */
  countUnused(): Promise<number>;
  close(): Promise<void>;
}

/** Splits a plan, keeping the reserves that it has to pass over. */
export function splitPlan(tasks: Source<SynthesisTask>): SplitPlan {
  const iterator = Symbol.asyncIterator in tasks ? tasks[Symbol.asyncIterator]() : tasks[Symbol.iterator]();
  let passedOver: PlacedTask[] = [];
  let exhausted = false;
  let place = 0;
  let reserves = 0;
  let drawn = 0;

  async function next(): Promise<SynthesisTask | undefined> {
    if (exhausted) return undefined;
    const { done, value } = await iterator.next();
    exhausted = done === true;
    place++;
    if (!done && value.reserve) reserves++;
    return done ? undefined : value;
  }
  return {
    async *wanted() {
      for (let task = await next(); task; task = await next()) {
        if (task.reserve) {
          passedOver.push({ task, place });
          return;
        }
        yield task;
      }
    },
    async draw(missing) {
      const left = new Map([...missing].filter(([, count]) => count > 0));
      const wave: PlacedTask[] = [];
      const take = (placed: PlacedTask): boolean => {
        const { paradigm } = placed.task;
        const count = left.get(paradigm) ?? 0;
        if (count === 0) return false;
        if (count === 1) left.delete(paradigm);
        else left.set(paradigm, count - 1);
        wave.push(placed);
        return true;
      };
      const mayBeNeeded = ({ task }: PlacedTask) => (missing.get(task.paradigm) ?? 0) > 0;
      passedOver = passedOver.filter((placed) => mayBeNeeded(placed) && !take(placed));
      while (left.size > 0) {
        const task = await next();
        if (!task) break;
        const placed = { task, place };
        if (!take(placed) && mayBeNeeded(placed)) passedOver.push(placed);
      }
      drawn += wave.length;
      return wave;
    },
    earliestReserve(missing) {
      return passedOver.find(({ task }) => (missing.get(task.paradigm) ?? 0) > 0)?.place ?? Number.POSITIVE_INFINITY;
    },
    async countUnused() {
      while (await next());
      return reserves - drawn;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
