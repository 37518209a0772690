import { type Closable, type Hits, RagInstructError, type VectorIndex, type Vectors } from "@rag-instruct/core";
import { checkQueries } from "../../check-queries.ts";
import { emptyHits } from "../../dense/running-best.ts";
import { type Engine, rowsOf } from "./engine.ts";
import { inPacedSteps } from "./paced.ts";

/** What {@link searchable} makes an index of. */
export interface SearchableParts {
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

/** A `VectorIndex` over an engine. Searches take turns on the caller's thread; each is left between two steps. */
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
 * Such bindings free an index when JavaScript's garbage is collected, but never say how large it is, so that nothing would be
 * collected for long. A buffer of that size (256 MiB at most), whose pages nobody touches and which the system therefore never gives, says it.
 */
function weightOf(bytes: number): ArrayBuffer {
  return new ArrayBuffer(Math.min(bytes, 2 ** 28));
}
