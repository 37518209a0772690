/**
 * How many exemplars are taken of each source, as a config file holds it: a schema of zod.
 *
 * @module
 */
import { count, option, quantity } from "@rag-instruct/core/options";
import { z } from "zod";
import type { ExemplarSample } from "./exemplars/sample/quotas.ts";

const sampleShape = {
  /** Exemplars of every source. */
  each: option(count.optional(), "Exemplars of every source."),
  /** Exemplars of all sources together. */
  total: option(count.optional(), "Exemplars of all sources together."),
  /** Weights by source, 1 for one that is not named; without a total as many are taken as the proportions allow. */
  weights: option(
    z.record(z.string(), quantity).readonly().optional(),
    "Weights by source, 1 for one that is not named; without a total as many are taken as the proportions allow.",
  ),
};

/** Schema of {@link ExemplarSample}. */
export const sample: z.ZodType<ExemplarSample, ExemplarSample> = z.strictObject(sampleShape);
