import { control, type Pass } from "./shared-pass.ts";

/** A thread that waits looks so often whether the pass is to stop, in milliseconds. */
const glance = 20;

/**
 * Waits until all threads of a pass are here, and begins the count of pieces anew; false once the pass is to stop, when there
 * is nothing to wait for.
 */
export function meet(ints: Int32Array, pass: Pass): boolean {
  const at = (number: number) => pass.control / 4 + number;
  const stopped = () => Atomics.load(ints, at(control.stop)) !== 0;
  const meeting = Atomics.load(ints, at(control.meeting));
  if (Atomics.add(ints, at(control.waiting), 1) === pass.threads - 1) {
    Atomics.store(ints, at(control.waiting), 0);
    Atomics.store(ints, at(control.next), 0);
    Atomics.add(ints, at(control.meeting), 1);
    Atomics.notify(ints, at(control.meeting));
  } else {
    while (Atomics.load(ints, at(control.meeting)) === meeting && !stopped()) {
      Atomics.wait(ints, at(control.meeting), meeting, glance);
    }
  }
  return !stopped();
}
