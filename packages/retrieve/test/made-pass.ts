import { layOutPass, type Pass, type PassShape } from "../src/dense/shared-pass.ts";

/** A pass at address 0, through codes rounded at random on ONNX Runtime but for what `shape` says. */
export function madePass(queries: number, shape: Partial<PassShape> & Pick<PassShape, "dimensions" | "threads">): Pass {
  const usual = { precision: "int8", rounding: "random", onRuntime: true, limit: 1, size: 100, scales: 0 } as const;
  return layOutPass(0, { id: 0, queries, shape: { ...usual, ...shape } });
}
