import { setImmediate as nextTurn } from "node:timers/promises";
import { type Closable, type Hits, RagInstructError, type VectorIndex, type Vectors } from "@rag-instruct/core";
import { checkQueries, emptyHits } from "../../hits.ts";

/** An index of a native library, as its binding gives it: every call blocks the thread. */
export interface Engine {
  /** Number of vectors it holds. */
  size(): number;
  /** Appends vectors; the first one becomes row `firstRow`. */
  add(vectors: Vectors, firstRow: number): void;
  /** Searches for some queries and writes what it finds into `hits`, from the query `first` on; where there are fewer hits, the rest is left as it is. */
  search(queries: Vectors, into: { hits: Hits; first: number }): void;
  save(path: string): void;
}

/** The rows `from` to `to` of vectors, without copying. */
export function rowsOf({ data, dimensions }: Vectors, from: number, to: number): Vectors {
  return { data: data.subarray(from * dimensions, to * dimensions), count: to - from, dimensions };
}

/** What {@link searchable} makes an index of. */
interface SearchableParts {
  embedderId: string;
  corpus?: string;
  dimensions: number;
  engine: Pick<Engine, "size" | "search">;
  idOf(row: number): string;
  /** Bytes that the engine holds outside of JavaScript. */
  bytes: number;
  /** Queries handed to the engine at once. @default as many as take about 40 ms */
  batch?: number | undefined;
}

/** A `VectorIndex` over an engine. Searches run on the caller's thread in steps, between which they can be aborted. */
export function searchable({
  embedderId,
  corpus,
  dimensions,
  engine,
  idOf,
  bytes,
  batch,
}: SearchableParts): VectorIndex & Closable {
  const size = engine.size();
  let held: { engine: Pick<Engine, "search">; weight: ArrayBuffer } | undefined = { engine, weight: weightOf(bytes) };
  const opened = (): Pick<Engine, "search"> => {
    if (held) return held.engine;
    throw new RagInstructError("bad-option", "the index is closed; open it again to search it");
  };
  const index: VectorIndex & Closable = {
    embedderId,
    corpus,
    size,
    idOf,
    async search(queries: Vectors, { limit, signal }): Promise<Hits> {
      signal?.throwIfAborted();
      opened();
      checkQueries(queries, { limit, dimensions });
      const hits = emptyHits(queries.count, limit);
      if (size === 0) return hits;
      const step = (from: number, to: number) => opened().search(rowsOf(queries, from, to), { hits, first: from });
      await inPacedSteps(queries.count, step, { batch, signal });
      return hits;
    },
    async close() {
      held = undefined;
    },
    [Symbol.asyncDispose]: () => index.close(),
  };
  return index;
}

/**
 * The bindings free an index when its object is garbage-collected, but do not tell V8 how large it is, so that V8 would not collect for
 * long. A buffer of that size, 256 MiB at most, tells it; its pages are never touched, so it takes no memory.
 */
function weightOf(bytes: number): ArrayBuffer {
  return new ArrayBuffer(Math.min(bytes, 2 ** 28));
}

/** Milliseconds that a step should take. */
const targetStep = 40;

/** Options of {@link inPacedSteps}. */
interface PacedOptions {
  /** Items of a step. @default as many as take about 40 ms, found by doubling */
  batch?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Runs calls that block the thread over `count` items in steps, and lets the event loop run between them, so that timers and signals
 * are heard within the time of a step.
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
    if (batch === undefined) size = Math.max(1, Math.min(size * 2, Math.round(((to - from) * targetStep) / took)));
    from = to;
    await nextTurn();
  }
  signal?.throwIfAborted();
}
