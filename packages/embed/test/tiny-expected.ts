import { expect } from "vitest";
import { tinyDimensions, tinyVector } from "./tiny-graph.ts";

/** What the tiny graph gives for a token: its vector, plus 1 for the attention mask. */
export const state = (id: number) => tinyVector(id).map((value) => value + 1);
export const mean = (ids: number[]) =>
  Array.from({ length: tinyDimensions }, (_, d) => ids.reduce((sum, id) => sum + state(id)[d]!, 0) / ids.length);
export const unit = (vector: number[]) => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
export const close = (vector: number[]) => vector.map((value) => expect.closeTo(value, 5));
export const plain = {
  files: {
    "modules.json": [
      { type: "x.Transformer", path: "" },
      { type: "x.Pooling", path: "1_Pooling" },
    ],
  },
};
