import type { Source } from "./types.ts";
import { onAbort } from "./waiting.ts";

/** Options of {@link mapOrdered}. */
export interface MapOrderedOptions {
  /** Most calls of the function at the same time. */
  concurrency: number;
  /**
   * Most items begun but not yet yielded. A slow head does not stall the rest until so many results wait behind it.
   * @default 4 × concurrency
   */
  window?: number;
  signal?: AbortSignal;
}

/**
 * Maps a stream with bounded concurrency and yields the results in the order of the input.
 * The function's signal aborts when the caller's does, when another call fails, or when the loop over the results is left;
 * the calls that were begun are then waited for, and the source is closed.
 */
export async function* mapOrdered<T, R>(
  source: Source<T>,
  map: (item: T, options: { index: number; signal: AbortSignal }) => Promise<R>,
  { concurrency, window = concurrency * 4, signal }: MapOrderedOptions,
): AsyncGenerator<R> {
  signal?.throwIfAborted();
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const queue: ({ settled: false } | { settled: true; result: R })[] = [];
  // One signal for each item: adding a listener to a shared one takes time for every listener that it has.
  const running = new Map<Promise<void>, AbortController>();
  const change = changeSignal();
  let stopped: { reason: unknown } | undefined;
  let failure: { error: unknown } | undefined;
  let exhausted = false;
  let reading = false;

  function fail(error: unknown): void {
    failure ??= { error };
    stop(error);
  }
  function stop(reason: unknown): void {
    stopped ??= { reason };
    for (const controller of running.values()) controller.abort(stopped.reason);
    change.notify();
  }
  function begin(item: T, index: number): void {
    const entry = { settled: false } as const;
    queue.push(entry);
    const controller = new AbortController();
    const run = Promise.resolve()
      .then(() => map(item, { index, signal: controller.signal }))
      .then((result) => void Object.assign(entry, { settled: true, result }), fail)
      .finally(() => {
        running.delete(run);
        change.notify();
      });
    running.set(run, controller);
  }
  async function readSource(): Promise<void> {
    for (let index = 0; !stopped; index++) {
      while (queue.length >= window || running.size >= concurrency) await change.next();
      if (stopped) return;
      reading = true;
      const next = await iterator.next();
      reading = false;
      if (next.done) {
        exhausted = true;
        return change.notify();
      }
      if (!stopped) begin(next.value, index);
    }
  }

  const stopListening = onAbort(signal, fail);
  readSource().catch(fail);
  try {
    for (;;) {
      if (failure) throw failure.error;
      const head = queue[0];
      if (head?.settled) {
        queue.shift();
        change.notify();
        yield head.result;
      } else if (!head && exhausted) {
        return;
      } else {
        await change.next();
      }
    }
  } finally {
    stopListening();
    exhausted = true;
    stop(new DOMException("the results are no longer read", "AbortError"));
    await Promise.all(running.keys());
    const closed = Promise.resolve(iterator.return?.());
    if (reading) closed.catch(() => {});
    else await closed;
  }
}

function changeSignal(): { notify(): void; next(): Promise<void> } {
  let wake = () => {};
  let changed: Promise<void> | undefined;
  return {
    notify: () => {
      changed = undefined;
      wake();
    },
    next: () => {
      changed ??= new Promise((resolve) => {
        wake = resolve;
      });
      return changed;
    },
  };
}

/** Groups a stream into arrays of `size` items; the last may be shorter. */
export async function* inBatches<T>(items: Source<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
