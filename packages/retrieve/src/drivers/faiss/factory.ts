import { RagInstructError } from "@rag-instruct/core";

/** What the name of a FAISS index says of it. */
export interface FaissFactory {
  /** Bytes that a vector takes at most, graph and ids included. */
  bytesPerRow: number;
  /** Vectors that training needs at the least; 0 where there is none. */
  fewestForTraining: number;
  /** Cells of an inverted file; 0 where there is none. */
  cells: number;
  isGraph: boolean;
}

const code = "(?:Flat|SQ4|SQ6|SQ8|SQfp16|PQ(?<segments>\\d+)(?:x(?<bits>\\d+))?)";
const shape = new RegExp(`^(?:(?:IVF(?<cells>\\d+)(?:_HNSW\\d+)?|HNSW(?<links>\\d+)),)?${code}$|^HNSW(?<plain>\\d+)$`);
const bitsOf: Readonly<Record<string, number>> = { Flat: 32, SQfp16: 16, SQ8: 8, SQ6: 6, SQ4: 4 };

/**
 * Reads the names that can be built here: a code (Flat, SQ4, SQ6, SQ8, SQfp16, PQm, PQmxb), alone or behind `IVFn`, `IVFn_HNSWm`
 * or `HNSWm`. faiss-node ends the process where FAISS refuses, so that what FAISS would refuse is refused here. Throws `bad-option`.
 */
export function readFactory(factory: string, dimensions: number): FaissFactory {
  const groups = shape.exec(factory)?.groups;
  if (!groups) {
    throw new RagInstructError(
      "bad-option",
      `${JSON.stringify(factory)} is not built here; take Flat, SQ4, SQ6, SQ8, SQfp16 or PQm, alone or behind IVFn, or HNSWm, or build it with FAISS and open its file`,
    );
  }
  const [cells, links, segments] = [groups.cells, groups.links ?? groups.plain, groups.segments].map(Number);
  const bits = Number(groups.bits ?? 8);
  if (segments && (dimensions % segments !== 0 || bits < 1 || bits > 12)) {
    throw new RagInstructError(
      "bad-option",
      `${factory}: ${dimensions} dimensions do not part into ${segments} segments of at most 12 bits`,
    );
  }
  if (cells === 0 || links === 0 || links === 1)
    throw new RagInstructError("bad-option", `${factory}: too few cells or links`);
  const codeBits = segments ? segments * bits : dimensions * (bitsOf[factory.split(",").at(-1)!] ?? 32);
  const graph = links ? 4 * (4 * links + 16) : 0;
  return {
    bytesPerRow: Math.ceil(codeBits / 8) + graph + 16,
    fewestForTraining: Math.max(cells || 0, segments ? 2 ** bits : 0, factory.includes("SQ") ? 1 : 0),
    cells: cells || 0,
    isGraph: Boolean(links),
  };
}
