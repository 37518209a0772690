import { expect, it } from "vitest";
import { madePass } from "../../test/made-pass.ts";
import type { SharedRows } from "./row-store.ts";
import { scanTasks } from "./scan-tasks.ts";
import { control } from "./shared-pass.ts";
import { compileKernels, sharedMemory } from "./wasm/kernels.ts";

it("has the other threads stop where one fails, so that none waits for it", async () => {
  const memory = sharedMemory(1 << 20);
  const run = scanTasks({ memory, module: compileKernels(4), thread: 0, scratch: 1 << 19 });
  const pass = madePass(1, { dimensions: 4, threads: 2 });
  const rows: SharedRows = { address: 1 << 18, firstRow: 0, count: 10, dtype: "codes", scales: 0 };
  const space = { products: { numbers: 16, address: 1 << 17 }, decoded: { rows: 0, bytes: 0, address: 0 } };
  const outOfMemory = { ...pass, queryCodes: 1 << 20 };
  await expect(run({ kind: "scanProducts", pass: outOfMemory, rows, ...space })).rejects.toThrow(RangeError);
  expect(new Int32Array(memory.buffer)[pass.control / 4 + control.stop]).toBe(1);
  await run({ kind: "release", pass });
});
