import type { VectorDtype } from "@rag-instruct/core/vectors";
import type { Pass } from "./shared-pass.ts";

/** Rows in the shared memory: as the folder stores them, or 7-bit numbers and, behind them, a float32 scale a row. */
export interface SharedRows {
  address: number;
  firstRow: number;
  count: number;
  dtype: VectorDtype | "codes";
  /** Address of the scales; 0 without. */
  scales: number;
}

/** One step of a pass, which all threads take part in; each takes pieces of it until none is left. */
export type ScanTask =
  /** Multiplies rows with all queries and keeps the candidates. */
  | { kind: "scan"; pass: Pass; rows: SharedRows; measured: boolean }
  /** Finds the longest row. */
  | { kind: "measure"; pass: Pass; rows: SharedRows }
  /** Turns rows of float16 to float32. */
  | { kind: "decode"; pass: Pass; rows: SharedRows; to: number }
  /** Keeps the candidates among products made elsewhere: of `paddedQueries` queries for each row. */
  | { kind: "select"; pass: Pass; rows: SharedRows; products: number }
  /** Brings the candidates of the threads together. */
  | { kind: "merge"; pass: Pass }
  /** Replaces the products of candidates by exact scores: of all, or of those in an ascending list that `rows` holds the vectors of. */
  | { kind: "rescore"; pass: Pass; rows: SharedRows; list?: { address: number; count: number } }
  /** Replaces the products of each thread's candidates in a block, while its vectors are there, by exact scores. */
  | { kind: "settle"; pass: Pass; rows: SharedRows }
  /** Writes the hits. */
  | { kind: "rank"; pass: Pass };
