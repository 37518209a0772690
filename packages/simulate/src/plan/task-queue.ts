import type { EarlierTurn, Exemplar, Passage, Source } from "@rag-instruct/core";

/** One pair to write: an exemplar, a paradigm and the source documents. */
export interface SynthesisTask {
  /** Hash of paradigm, exemplar and documents. */
  id: string;
  paradigm: string;
  exemplar: Exemplar;
  /** The source documents D*. */
  documents: Passage[];
  /** Earlier turns that its question is to go on from. @default none */
  history?: EarlierTurn[];
  /** Drawn only when another task of its paradigm is not accepted. */
  reserve: boolean;
  /** What the checks found where its pair was rejected; no part of a plan. */
  evidence?: Record<string, unknown>;
}

/** A reserve and its place in the plan. */
interface PlacedTask {
  task: SynthesisTask;
  place: number;
}

/** A plan that is read once: first its wanted tasks, then as many reserves as are asked for. Keeps the reserves that it passes over. */
export class TaskQueue {
  readonly #tasks: AsyncIterator<SynthesisTask> | Iterator<SynthesisTask>;
  #passedOver: PlacedTask[] = [];
  #isExhausted = false;
  /** Of the task read last, from 1. */
  #place = 0;
  #reserves = 0;
  #drawn = 0;

  constructor(tasks: Source<SynthesisTask>) {
    this.#tasks = Symbol.asyncIterator in tasks ? tasks[Symbol.asyncIterator]() : tasks[Symbol.iterator]();
  }

  async *wanted(): AsyncGenerator<SynthesisTask> {
    for (let task = await this.#next(); task; task = await this.#next()) {
      if (task.reserve) {
        this.#passedOver.push({ task, place: this.#place });
        return;
      }
      yield task;
    }
  }

  /** As many reserves of each paradigm as it misses, in the order of the plan. */
  async draw(missing: ReadonlyMap<string, number>): Promise<PlacedTask[]> {
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
    this.#passedOver = this.#passedOver.filter((placed) => mayBeNeeded(placed) && !take(placed));
    while (left.size > 0) {
      const task = await this.#next();
      if (!task) break;
      const placed = { task, place: this.#place };
      if (!take(placed) && mayBeNeeded(placed)) this.#passedOver.push(placed);
    }
    this.#drawn += wave.length;
    return wave;
  }

  /** The place of the first reserve that may still be drawn. */
  earliestReserve(missing: ReadonlyMap<string, number>): number {
    const first = this.#passedOver.find(({ task }) => (missing.get(task.paradigm) ?? 0) > 0);
    return first?.place ?? Number.POSITIVE_INFINITY;
  }

  /** Reads the plan to its end and counts the reserves that were never drawn. */
  async countUnused(): Promise<number> {
    while (await this.#next());
    return this.#reserves - this.#drawn;
  }

  async close(): Promise<void> {
    await this.#tasks.return?.();
  }

  async #next(): Promise<SynthesisTask | undefined> {
    if (this.#isExhausted) return undefined;
    const { done, value } = await this.#tasks.next();
    this.#isExhausted = done === true;
    this.#place++;
    if (!done && value.reserve) this.#reserves++;
    return done ? undefined : value;
  }
}
