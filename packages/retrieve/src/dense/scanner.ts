import { type Hits, onAbort, RagInstructError, type Vectors } from "@rag-instruct/core";
import type { VectorFolder } from "@rag-instruct/core/vectors";
import { emptyHits } from "../hits.ts";
import { type MemoryPlan, maxQueries } from "./memory-plan.ts";
import { runtimePresent } from "./product-runtime.ts";
import { type CodeBounds, centerOf } from "./quantize.ts";
import type { RowStore, SharedRows } from "./row-store.ts";
import type { ScanThreads } from "./scan-threads.ts";
import {
  bytesPerPass,
  bytesPerQuery,
  control,
  layOutPass,
  type Pass,
  type PassShape,
  preparePass,
} from "./shared-pass.ts";
import { codeWidth, type SharedMemory } from "./wasm/kernels.ts";

/** Fewer queries are multiplied faster by the kernels, which need no preparation. */
const minQueriesForRuntime = { float32: 32, int8: 64 };

/** Making codes in memory pays off from this many queries on. */
const minQueriesForCodes = 8;

/** A pass over all rows, and how many queries it has room for. */
interface PassPlan {
  shape: PassShape;
  queries: number;
}

/** Searches an index for any number of queries, in as many passes as the memory demands. */
export function searchWith(scanner: Scanner): (queries: Vectors, limit: number, signal?: AbortSignal) => Promise<Hits> {
  const { memory, plan, folder } = scanner;
  const { dimensions, count } = folder;
  const passes = new PassRunner(scanner);
  let searched = 0;

  /** How to search for so many queries: the shape of a pass, and the queries that it has room for. */
  async function planPass(queries: number, limit: number, { precision, codes }: Level): Promise<PassPlan> {
    // The memory plan has room for decoded rows only where no codes are on disk.
    const hasRoom = precision === "int8" || (precision === "float32" && scanner.codes === undefined);
    const onRuntime = hasRoom && queries >= minQueriesForRuntime[precision] && (await runtimePresent());
    const shape: PassShape = {
      precision,
      onRuntime,
      dimensions,
      limit,
      size: count,
      rounding: codes?.bounds.rounding,
      scales: codes?.scales ?? 0,
      threads: plan.scratch.length,
    };
    const room = Math.floor((plan.pass.bytes - bytesPerPass(shape)) / bytesPerQuery(shape));
    if (room < 1) {
      const needed = Math.ceil(((bytesPerPass(shape) + bytesPerQuery(shape)) * 4) / 2 ** 20);
      throw new RagInstructError("bad-option", `a limit of ${limit} needs more memory; give ${needed} MiB or more`);
    }
    return { shape, queries: Math.min(room, maxQueries) };
  }

  return async (queries, limit, signal) => {
    const hits = emptyHits(queries.count, limit);
    const kept = Math.min(limit, count);
    if (kept === 0) return hits;
    searched += queries.count;
    const codes = searched < minQueriesForCodes ? scanner.codes : await passes.codes(signal);
    let open = Array.from({ length: queries.count }, (_, query) => query);
    for (const level of levelsFrom(codes)) {
      if (open.length === 0) break;
      const { shape, queries: atOnce } = await planPass(open.length, kept, level);
      const doubtful: number[] = [];
      for (let start = 0; start < open.length; start += atOnce) {
        signal?.throwIfAborted();
        const places = open.slice(start, start + atOnce);
        const pass = await passes.run(gather(queries, places), shape, signal);
        for (const [q, place] of places.entries()) copyHits(memory, pass, q, hits, place);
        for (const q of doubtsOf(memory, pass)) doubtful.push(places[q]!);
      }
      open = doubtful;
    }
    return hits;
  };
}

/** What queries are multiplied with; those whose hits are in doubt are searched again at the next level. */
interface Level {
  precision: Pass["precision"];
  codes?: Codes;
}

function levelsFrom(codes: Codes | undefined): Level[] {
  const withVectors: Level[] = [{ precision: "float32" }, { precision: "float64" }];
  return codes ? [{ precision: "int8", codes }, ...withVectors] : withVectors;
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

/** Codes and their rows. */
interface Codes {
  bounds: CodeBounds;
  rows: Pick<RowStore, "blocks">;
  /** Address of the scales of all rows, where these are rounded at random. */
  scales?: number;
}

/** What a search works with. */
export interface Scanner {
  memory: SharedMemory;
  plan: MemoryPlan;
  threads: ScanThreads;
  folder: VectorFolder;
  vectors: RowStore;
  /** Codes of the vector folder; without them the first are those that a pass makes in memory, if any. */
  codes?: Codes;
}

/** Reading one row by itself takes as long as reading so many that lie side by side. */
const rowsReadPerGathered = 32;

/** Runs passes over the rows of an index, one at a time; what is known of the rows is kept for the next pass. */
class PassRunner {
  readonly #scanner: Scanner;
  #codes: Codes | undefined;
  #passes = 0;
  /** Sum of squares of the longest row; 0 until all rows have been seen. */
  #largestSquare = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#codes = scanner.codes;
  }

  /** Codes to go through, which may still have to be made in memory; undefined where there are none. */
  async codes(signal: AbortSignal | undefined): Promise<Codes | undefined> {
    const { plan, folder } = this.#scanner;
    const address = plan.resident.codes;
    if (this.#codes || address === undefined) return this.#codes;
    const vectors = (await this.#wholeVectors(signal))!;
    const shape = { precision: "float32", rounding: undefined, onRuntime: false, limit: 1, scales: 0 } as const;
    const { dimensions, count: size } = folder;
    const pass = this.#layOut({ ...shape, dimensions, threads: plan.scratch.length, size }, 1);
    await this.#stoppable(pass, signal, async () => {
      const made = await quantizeInMemory(this.#scanner, { vectors, address, pass, signal });
      this.#largestSquare = made.largestSquare;
      this.#codes = made;
    });
    return this.#codes;
  }

  /** Searches for queries; their hits, and which queries are in doubt, are in the memory then, where the pass says. */
  async run(queries: Vectors, shape: PassShape, signal: AbortSignal | undefined): Promise<Pass> {
    const { memory, threads } = this.#scanner;
    const pass = this.#layOut(shape, queries.count);
    const bounds = { largestSquare: this.#largestSquare, codes: this.#codes?.bounds };
    preparePass(memory, pass, { queries, bounds });
    await this.#stoppable(pass, signal, async () => {
      try {
        if (pass.precision === "int8") await this.#scanCodes(pass, signal);
        else await this.#scanVectors(pass, signal);
      } finally {
        if (pass.onRuntime) await threads.run({ kind: "release", pass });
      }
      signal?.throwIfAborted();
      await threads.run({ kind: "rank", pass });
    });
    return pass;
  }

  #layOut(shape: PassShape, queries: number): Pass {
    return layOutPass(this.#scanner.plan.pass.address, { id: this.#passes++, queries, shape });
  }

  /** Stops the threads when the signal is given. */
  async #stoppable(pass: Pass, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    const numbers = new Int32Array(this.#scanner.memory.buffer, pass.control);
    const stopListening = onAbort(signal, () => Atomics.store(numbers, control.stop, 1));
    try {
      await work();
      signal?.throwIfAborted();
    } finally {
      stopListening();
    }
  }

  async #scanCodes(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    const { threads } = this.#scanner;
    for await (const block of this.#codes!.rows.blocks({ signal })) {
      await this.#scan(pass, block, { measured: true });
      signal?.throwIfAborted();
    }
    await threads.run({ kind: "merge", pass });
    const whole = await this.#wholeVectors(signal);
    if (whole && pass.rounding === "random") {
      await threads.run({ kind: "rescore", pass, rows: whole, in: "float32" });
      await threads.run({ kind: "prune", pass });
    }
    if (whole) await threads.run({ kind: "rescore", pass, rows: whole, in: "float64" });
    else await this.#rescoreFromDisk(pass, signal);
  }

  async #scanVectors(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    const { memory, plan, threads, vectors } = this.#scanner;
    for await (const block of vectors.blocks({ signal })) {
      await this.#scan(pass, block, { measured: this.#largestSquare > 0 });
      signal?.throwIfAborted();
      if (plan.resident.vectors === undefined) await threads.run({ kind: "scoreBlock", pass, rows: block });
    }
    signal?.throwIfAborted();
    this.#largestSquare = new Float32Array(memory.buffer, pass.control)[control.largestSquare]!;
    await threads.run({ kind: "merge", pass });
    const whole = vectors.whole();
    if (whole) await threads.run({ kind: "rescore", pass, rows: whole, in: "float64" });
  }

  /** Multiplies a block with all queries and keeps the candidates. */
  async #scan(pass: Pass, rows: SharedRows, { measured }: { measured: boolean }): Promise<void> {
    const { plan, threads } = this.#scanner;
    if (!pass.onRuntime) return threads.run({ kind: "scan", pass, rows, measured });
    if (!measured) await threads.run({ kind: "measure", pass, rows });
    await threads.run({ kind: "scanProducts", pass, rows, ...plan.onRuntime });
  }

  async #wholeVectors(signal: AbortSignal | undefined): Promise<SharedRows | undefined> {
    const { plan, vectors } = this.#scanner;
    if (plan.resident.vectors === undefined) return undefined;
    for await (const _ of vectors.blocks({ signal }));
    return vectors.whole();
  }

  /** Scores the candidates block by block where most blocks hold some, and otherwise reads their vectors alone. */
  async #rescoreFromDisk(pass: Pass, signal: AbortSignal | undefined): Promise<void> {
    const { memory, threads, folder, vectors } = this.#scanner;
    const rows = candidateRows(memory, pass);
    if (rows.length * rowsReadPerGathered < folder.count) return this.#rescoreGathered(pass, rows, signal);
    for await (const block of vectors.blocks({ signal })) {
      await threads.run({ kind: "rescore", pass, rows: block, in: "float64" });
      signal?.throwIfAborted();
    }
  }

  /** Reads the vectors of some rows, each once and in the order of the file, as many at a time as a slot holds. */
  async #rescoreGathered(pass: Pass, rows: Int32Array, signal: AbortSignal | undefined): Promise<void> {
    const { memory, plan, threads, folder } = this.#scanner;
    const { dimensions } = folder;
    const atOnce = Math.floor(plan.slotBytes / (dimensions * 4 + 4));
    const slot = plan.slots[0]!;
    for (let first = 0; first < rows.length; first += atOnce) {
      const list = rows.subarray(first, first + atOnce);
      const { data } = await folder.rows(list, { signal });
      const listAt = slot + list.length * dimensions * 4;
      new Float32Array(memory.buffer, slot, data.length).set(data);
      new Int32Array(memory.buffer, listAt, list.length).set(list);
      const block: SharedRows = { address: slot, firstRow: 0, count: list.length, dtype: "float32", scales: 0 };
      const at = { address: listAt, count: list.length };
      await threads.run({ kind: "rescore", pass, rows: block, in: "float64", list: at });
      signal?.throwIfAborted();
    }
  }
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

/** Codes of all rows, made in memory. */
interface MemoryCodes {
  bounds: CodeBounds;
  rows: Pick<RowStore, "blocks">;
  /** Address of the scales of all rows. */
  scales: number;
  /** Sum of squares of the longest row. */
  largestSquare: number;
}

/**
 * Writes the codes of vectors that lie in memory to `address`, and behind them all scales. `pass` lends the place of its
 * query. Throws `file-corrupt` for a row that holds NaN or infinity.
 */
async function quantizeInMemory(
  { memory, threads, folder }: { memory: SharedMemory; threads: ScanThreads; folder: VectorFolder },
  { vectors, address, pass, signal }: { vectors: SharedRows; address: number; pass: Pass; signal?: AbortSignal },
): Promise<MemoryCodes> {
  const { dimensions } = folder;
  const center = Float32Array.from(await centerOf(folder, signal));
  const scales = address + vectors.count * codeWidth(dimensions);
  const seen = new Float32Array(memory.buffer, pass.control, 16).fill(0);
  new Float32Array(memory.buffer, pass.queryRows, dimensions).set(center);
  await threads.run({ kind: "quantize", pass, rows: vectors, to: { address, scales } });
  signal?.throwIfAborted();
  const codes: SharedRows = { ...vectors, address, scales, dtype: "codes" };
  async function* blocks() {
    yield codes;
  }
  const ofRows = new Float32Array(memory.buffer, scales, vectors.count);
  return {
    bounds: {
      rounding: "random",
      center: Float64Array.from(center),
      largestLength: seen[control.longestCode]!,
      meanScale: ofRows.reduce((sum, scale) => sum + scale, 0) / vectors.count,
    },
    rows: { blocks },
    scales,
    largestSquare: seen[control.largestSquare]!,
  };
}
