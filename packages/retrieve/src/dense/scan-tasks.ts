import { type Candidates, candidatesOf } from "./candidates.ts";
import { measureRows, quantizePieces } from "./convert-rows.ts";
import { type Product, productRuntime } from "./product-runtime.ts";
import { scanProducts } from "./scan-products.ts";
import { scanRows } from "./scan-rows.ts";
import type { ScanTask } from "./scan-task.ts";
import { rankCandidates, rescoreCandidates, settleCandidates } from "./score-candidates.ts";
import { control, type Pass } from "./shared-pass.ts";
import { type ThreadSetup, threadSpace } from "./thread-space.ts";

/** What one thread does: runs tasks over the shared memory until nothing of them is left. */
export function scanTasks(setup: ThreadSetup): (task: ScanTask) => void | Promise<void> {
  const space = threadSpace(setup);
  let last: { id: number; candidates: Candidates } | undefined;
  const candidatesFor = (pass: Pass): Candidates => {
    if (last?.id !== pass.id) last = { id: pass.id, candidates: candidatesOf(space, pass) };
    return last.candidates;
  };
  const runtime = productRuntime(setup.memory);
  let prepared: { id: number; product: Promise<Product> } | undefined;
  const productFor = (pass: Pass): Promise<Product> => {
    if (prepared?.id !== pass.id) prepared = { id: pass.id, product: runtime.prepare(pass) };
    return prepared.product;
  };
  async function release(): Promise<void> {
    const held = prepared;
    prepared = undefined;
    // Where it could not be made, the scan has said so.
    const product = await held?.product.catch(() => undefined);
    await product?.[Symbol.asyncDispose]();
  }
  async function scanOnRuntime(task: ScanTask & { kind: "scanProducts" }): Promise<void> {
    const { pass } = task;
    try {
      await scanProducts(space, { candidates: candidatesFor(pass), product: await productFor(pass) }, task);
    } catch (error) {
      // The others would wait for this thread.
      Atomics.store(space.ints, pass.control / 4 + control.stop, 1);
      throw error;
    }
  }
  return (task) => {
    switch (task.kind) {
      case "scan":
        return scanRows(space, candidatesFor(task.pass), task);
      case "scanProducts":
        return scanOnRuntime(task);
      case "release":
        return release();
      case "measure":
        return measureRows(space, task);
      case "quantize":
        return quantizePieces(space, task);
      case "merge":
      case "sift": {
        const candidates = candidatesFor(task.pass);
        for (const { first } of space.pieces(task.pass, task.pass.queries, 1)) candidates[task.kind](first);
        return;
      }
      case "rescore":
        return rescoreCandidates(space, task);
      case "settle":
        return settleCandidates(space, candidatesFor(task.pass), task);
      case "rank":
        return rankCandidates(space, task);
    }
  };
}
