import type { VectorDtype } from "@rag-instruct/core/vectors";
import type { Pass } from "./shared-pass.ts";
import { codeWidth } from "./wasm/kernels.ts";

/** Rows in the shared memory: as the folder stores them, or 7-bit numbers and, behind them, a float32 scale a row. */
export interface SharedRows {
  address: number;
  firstRow: number;
  count: number;
  dtype: VectorDtype | "codes";
  /** Address of the scales; 0 without. */
  scales: number;
}

/** Bytes of a row, without its scale. */
export function rowBytes(dtype: SharedRows["dtype"], dimensions: number): number {
  if (dtype === "codes") return codeWidth(dimensions);
  return dimensions * (dtype === "float16" ? 2 : 4);
}

/** Where products on ONNX Runtime have their place. */
export interface ProductSpace {
  /** Most numbers of the products that are looked through at once, of `paddedQueries` queries for each row, and their address. */
  products: { numbers: number; address: number };
  /** For each thread, so many rows that are decoded to be multiplied, and the bytes they take; none where rows need not be. */
  decoded: { rows: number; bytes: number; address: number };
}

/** One step of a pass, which all threads take part in; each takes pieces of it until none is left. */
export type ScanTask =
  /** Multiplies rows with all queries and keeps the candidates. */
  | { kind: "scan"; pass: Pass; rows: SharedRows; measured: boolean }
  /** Finds the longest row. */
  | { kind: "measure"; pass: Pass; rows: SharedRows }
  /** Writes the codes of rows and, elsewhere, their scales, relative to the query of the pass; notes the longest row and code. */
  | { kind: "quantize"; pass: Pass; rows: SharedRows; to: Pick<SharedRows, "address" | "scales"> }
  /** Multiplies rows with all queries on ONNX Runtime and keeps the candidates. */
  | ({ kind: "scanProducts"; pass: Pass; rows: SharedRows } & ProductSpace)
  /** Brings the candidates of the threads together. */
  | { kind: "merge"; pass: Pass }
  /**
   * Replaces the products of candidates by scores in float32 or float64: of all, or of those in an ascending list that `rows`
   * holds the vectors of.
   */
  | {
      kind: "rescore";
      pass: Pass;
      rows: SharedRows;
      in: "float32" | "float64";
      list?: { address: number; count: number };
    }
  /** Leaves out candidates by their scores in float32. */
  | { kind: "sift"; pass: Pass }
  /** Replaces the products of each thread's candidates in a block, while its vectors are there, by exact scores. */
  | { kind: "settle"; pass: Pass; rows: SharedRows }
  /** Writes the hits. */
  | { kind: "rank"; pass: Pass }
  /** Gives back what products on ONNX Runtime held. */
  | { kind: "release"; pass: Pass };
