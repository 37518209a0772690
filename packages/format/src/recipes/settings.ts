/**
 * How the method was trained (RAG-Instruct, arXiv 2501.00353: its README's launch command and the defaults of its
 * training script). On 8 processes the batch is 2 × 16 × 8 = 256 examples.
 */
export const methodSettings = {
  learningRate: 5e-6,
  scheduler: "cosine",
  warmupShare: 0.05,
  weightDecay: 0.1,
  epochs: 3,
  perDevice: 2,
  accumulation: 16,
  maxTokens: 4_096,
  clipNorm: 1,
  processes: 8,
  seed: 42,
} as const;

/** Settings of a recipe; every one has the method's value unless told otherwise. */
export type TrainingSettings = {
  -readonly [K in keyof typeof methodSettings]: (typeof methodSettings)[K] extends number ? number : string;
};
