import { type Hits, RagInstructError, type Vectors } from "@rag-instruct/core";
import type { VectorFolder } from "@rag-instruct/core/vectors";
import type { CodesFolder } from "./codes-folder.ts";
import { type MemoryPlan, mostQueries, productRows } from "./memory-plan.ts";
import { preparePass } from "./prepare-pass.ts";
import type { Product, ProductRuntime } from "./product-runtime.ts";
import type { RowStore } from "./row-store.ts";
import { emptyHits } from "./running-best.ts";
import type { SharedRows } from "./scan-task.ts";
import type { ScanThreads } from "./scan-threads.ts";
import { bytesPerPass, bytesPerQuery, control, layOutPass, type Pass, type PassShape } from "./shared-pass.ts";
import { codeWidth, type SharedMemory } from "./wasm/kernels.ts";

/** What a search works with. */
export interface Scanner {
  memory: SharedMemory;
  plan: MemoryPlan;
  threads: ScanThreads;
  folder: VectorFolder;
  vectors: RowStore;
  /** Codes and their rows; without them all is computed in float32. */
  codes?: { folder: CodesFolder; rows: RowStore };
  runtime: ProductRuntime;
}

/** Fewer queries are multiplied faster by the kernels, which need nothing made ready. */
const fewestForRuntime = { float32: 32, int8: 64 };

/** So many rows in a row are read in the time that one takes by itself. */
const rowsReadPerGathered = 32;

/** Searches pass by pass. All that is known of the rows is kept for the next search. */
export function scanWith(scanner: Scanner): (queries: Vectors, limit: number, signal?: AbortSignal) => Promise<Hits> {
  const { memory, plan, threads, folder, vectors, codes, runtime } = scanner;
  const { dimensions, count } = folder;
  let passes = 0;
  // Sum of squares of the longest row; 0 until all have been seen.
  let largestSquare = 0;

  function shapeFor(limit: number, precision: Pass["precision"]): PassShape & { queries: number } {
    const shape = { precision, dimensions, limit, threads: plan.scratch.length, size: count };
    const queries = Math.floor((plan.pass.bytes - bytesPerPass(shape)) / bytesPerQuery(shape));
    if (queries < 1) {
      const needed = Math.ceil(((bytesPerPass(shape) + bytesPerQuery(shape)) * 4) / 2 ** 20);
      throw new RagInstructError("bad-option", `a limit of ${limit} needs more memory; give ${needed} MiB or more`);
    }
    return { ...shape, queries: Math.min(queries, mostQueries) };
  }
  async function runPass(queries: Vectors, shape: PassShape, signal: AbortSignal | undefined): Promise<Pass> {
    const pass = layOutPass(plan.pass.address, { id: passes++, queries: queries.count, shape });
    preparePass(memory, pass, { queries, codes: codes?.folder, largestSquare });
    const stop = () => Atomics.store(new Int32Array(memory.buffer, pass.control), control.stop, 1);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await using product = await productFor(pass);
      if (pass.precision === "int8") await scanCodes(pass, product, signal);
      else await scanVectors(pass, product, signal);
      signal?.throwIfAborted();
      await threads.run({ kind: "rank", pass });
      signal?.throwIfAborted();
      return pass;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
  /** Products of a pass in the precision that the memory was shared out for, where they are worth it. */
  async function productFor(pass: Pass): Promise<Product | undefined> {
    const planned = pass.precision === (codes ? "int8" : "float32");
    return planned && pass.queries >= fewestForRuntime[pass.precision] ? runtime.prepare(pass) : undefined;
  }
  async function scanCodes(pass: Pass, product: Product | undefined, signal: AbortSignal | undefined): Promise<void> {
    for await (const block of codes!.rows.blocks(signal ? { signal } : {})) {
      if (product) await scanOnRuntime(pass, block, product, signal);
      else await threads.run({ kind: "scan", pass, rows: block, measured: true });
      signal?.throwIfAborted();
    }
    await threads.run({ kind: "merge", pass });
    const whole = await wholeVectors(signal);
    if (whole) await threads.run({ kind: "rescore", pass, rows: whole });
    else await rescoreFromDisk(pass, signal);
  }
  async function wholeVectors(signal: AbortSignal | undefined): Promise<SharedRows | undefined> {
    if (plan.resident.vectors === undefined) return undefined;
    for await (const _ of vectors.blocks(signal ? { signal } : {}));
    return vectors.whole();
  }
  /** Scores the candidates block by block where most blocks hold some, and otherwise reads their vectors alone. */
  async function rescoreFromDisk(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    const rows = candidateRows(memory, pass);
    if (rows.length * rowsReadPerGathered < count) return rescoreGathered(pass, rows, signal);
    for await (const block of vectors.blocks(signal ? { signal } : {})) {
      await threads.run({ kind: "rescore", pass, rows: block });
      signal?.throwIfAborted();
    }
  }
  /** Reads the vectors of some rows, each once and in the order of the file, as many at a time as a slot holds. */
  async function rescoreGathered(pass: Pass, rows: Int32Array, signal: AbortSignal | undefined): Promise<void> {
    const atOnce = Math.floor(plan.slotBytes / (dimensions * 4 + 4));
    const [slot] = plan.slots;
    for (let first = 0; first < rows.length; first += atOnce) {
      const list = rows.subarray(first, first + atOnce);
      const { data } = await folder.rows(list, signal ? { signal } : {});
      const listAt = slot! + list.length * dimensions * 4;
      new Float32Array(memory.buffer, slot!, data.length).set(data);
      new Int32Array(memory.buffer, listAt, list.length).set(list);
      const block: SharedRows = { address: slot!, firstRow: 0, count: list.length, dtype: "float32", scales: 0 };
      await threads.run({ kind: "rescore", pass, rows: block, list: { address: listAt, count: list.length } });
      signal?.throwIfAborted();
    }
  }
  async function scanVectors(pass: Pass, product: Product | undefined, signal: AbortSignal | undefined): Promise<void> {
    const resident = plan.resident.vectors !== undefined;
    for await (const block of vectors.blocks(signal ? { signal } : {})) {
      if (product) await scanOnRuntime(pass, block, product, signal);
      else await threads.run({ kind: "scan", pass, rows: block, measured: largestSquare > 0 });
      signal?.throwIfAborted();
      if (!resident) await threads.run({ kind: "settle", pass, rows: block });
    }
    signal?.throwIfAborted();
    largestSquare = new Float32Array(memory.buffer, pass.control)[control.largestSquare]!;
    await threads.run({ kind: "merge", pass });
    const whole = resident ? vectors.whole() : undefined;
    if (whole) await threads.run({ kind: "rescore", pass, rows: whole });
  }
  /**
   * Multiplies some rows with all queries and looks their products through, by turns: a product waits for the slowest of its
   * threads, so that what runs beside it costs more than it takes.
   */
  async function scanOnRuntime(
    pass: Pass,
    block: SharedRows,
    product: Product,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { products } = plan;
    const isCodes = block.dtype === "codes";
    if (!isCodes && largestSquare === 0) await threads.run({ kind: "measure", pass, rows: block });
    const width = isCodes ? codeWidth(dimensions) : dimensions * (block.dtype === "float16" ? 2 : 4);
    const rowsAtOnce = productRows(plan, pass.queries);
    for (let row = 0; row < block.count; row += rowsAtOnce) {
      const rows: SharedRows = {
        ...block,
        address: block.address + row * width,
        firstRow: block.firstRow + row,
        count: Math.min(rowsAtOnce, block.count - row),
        scales: block.scales + row * 4,
      };
      const decodes = block.dtype === "float16";
      if (decodes) await threads.run({ kind: "decode", pass, rows, to: products.floats });
      await product.multiply(
        { address: decodes ? products.floats : rows.address, count: rows.count },
        products.address,
      );
      signal?.throwIfAborted();
      await threads.run({ kind: "select", pass, rows, products: products.address });
      signal?.throwIfAborted();
    }
  }

  return async (queries, limit, signal) => {
    const hits = emptyHits(queries.count, limit);
    const kept = Math.min(limit, count);
    if (kept === 0) return hits;
    const shape = shapeFor(kept, codes ? "int8" : "float32");
    const doubtful: number[] = [];
    for (let first = 0; first < queries.count; first += shape.queries) {
      signal?.throwIfAborted();
      const part = slice(queries, first, Math.min(shape.queries, queries.count - first));
      const pass = await runPass(part, shape, signal);
      for (let q = 0; q < part.count; q++) copyHits(memory, pass, q, hits, first + q);
      if (codes) doubtful.push(...doubtsOf(memory, pass).map((q) => first + q));
    }
    const exact = shapeFor(kept, "float32");
    for (let first = 0; first < doubtful.length; first += exact.queries) {
      const places = doubtful.slice(first, first + exact.queries);
      const pass = await runPass(gather(queries, places), exact, signal);
      for (const [q, place] of places.entries()) copyHits(memory, pass, q, hits, place);
    }
    return hits;
  };
}

function slice({ data, dimensions }: Vectors, first: number, count: number): Vectors {
  return { data: data.subarray(first * dimensions, (first + count) * dimensions), count, dimensions };
}

function gather({ data, dimensions }: Vectors, places: readonly number[]): Vectors {
  const gathered = new Float32Array(places.length * dimensions);
  for (const [q, place] of places.entries()) {
    gathered.set(data.subarray(place * dimensions, (place + 1) * dimensions), q * dimensions);
  }
  return { data: gathered, count: places.length, dimensions };
}

function copyHits(
  memory: SharedMemory,
  { hitRows, hitScores, limit }: Pass,
  query: number,
  to: Hits,
  place: number,
): void {
  const at = query * limit * 4;
  to.rows.set(new Int32Array(memory.buffer, hitRows + at, limit), place * to.limit);
  to.scores.set(new Float32Array(memory.buffer, hitScores + at, limit), place * to.limit);
}

function doubtsOf(memory: SharedMemory, { doubts, queries }: Pass): number[] {
  const flags = new Int32Array(memory.buffer, doubts, queries);
  return Array.from(flags.keys()).filter((query) => flags[query] !== 0);
}

/** The rows of all candidates, ascending, each once. */
function candidateRows(memory: SharedMemory, { counts, rows, queries, capacity }: Pass): Int32Array {
  const sizes = new Int32Array(memory.buffer, counts, queries);
  const all = new Int32Array(sizes.reduce((sum, size) => sum + size, 0));
  let filled = 0;
  for (let query = 0; query < queries; query++) {
    all.set(new Int32Array(memory.buffer, rows + query * capacity * 4, sizes[query]!), filled);
    filled += sizes[query]!;
  }
  return all.sort().filter((row, i) => i === 0 || row !== all[i - 1]);
}
