import { setImmediate as nextTurn } from "node:timers/promises";

const target = 40;

/** Options of {@link inPacedSteps}. */
export interface PacedOptions {
  /** Items of a step. @default as many as take about 40 ms, found by doubling */
  batch?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Runs calls that block the thread over `count` items in steps, and lets others run between two of them: native bindings
 * without promises are left, and timers heard, within the time of a step.
 */
export async function inPacedSteps(
  count: number,
  step: (from: number, to: number) => void,
  { batch, signal }: PacedOptions,
): Promise<void> {
  let size = batch ?? 1;
  for (let from = 0; from < count; ) {
    signal?.throwIfAborted();
    const to = Math.min(count, from + size);
    const start = performance.now();
    step(from, to);
    const took = performance.now() - start;
    if (batch === undefined) size = Math.max(1, Math.min(size * 2, Math.round(((to - from) * target) / took)));
    from = to;
    await nextTurn();
  }
  signal?.throwIfAborted();
}
