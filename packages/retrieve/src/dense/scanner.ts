import { type Hits, RagInstructError, type Vectors } from "@rag-instruct/core";
import { emptyHits } from "../hits.ts";
import { maxQueries } from "./memory-plan.ts";
import { runtimePresent } from "./product-runtime.ts";
import { type Codes, PassRunner, type Scanner } from "./scan-pass.ts";
import { bytesPerPass, bytesPerQuery, type Pass, type PassShape } from "./shared-pass.ts";
import type { SharedMemory } from "./wasm/kernels.ts";

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
