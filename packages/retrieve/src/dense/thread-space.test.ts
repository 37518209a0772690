import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { madePass } from "../../test/made-pass.ts";
import { control } from "./shared-pass.ts";
import { waitAtBarrier } from "./thread-space.ts";
import { sharedMemory } from "./wasm/kernels.ts";

const memory = sharedMemory(1 << 20);
const pass = madePass(1, { dimensions: 4, threads: 2 });
const ints = new Int32Array(memory.buffer);
const at = (number: number) => pass.control / 4 + number;

it("waits for the other thread, and counts pieces anew", () => {
  ints[at(control.next)] = 7;
  ints[at(control.arrived)] = 1; // The other one is here already.
  expect(waitAtBarrier(ints, pass)).toBe(true);
  expect([ints[at(control.next)], ints[at(control.arrived)], ints[at(control.generation)]]).toEqual([0, 0, 1]);
});

it("does not wait for a thread that will not come", async () => {
  const stops =
    "const { workerData: [ints, at] } = require('node:worker_threads'); setTimeout(() => Atomics.store(ints, at, 1), 50);";
  const worker = new Worker(stops, { eval: true, workerData: [ints, at(control.stop)] });
  await new Promise((resolve) => worker.once("online", resolve));
  expect(waitAtBarrier(ints, pass)).toBe(false);
  await worker.terminate();
});
