/**
 * How many exemplars are taken of each source, as a config file holds it: a schema of zod.
 *
 * @module
 */
import { count, option, quantity, z } from "@rag-instruct/core/options";
import type { ExemplarSample } from "./exemplars/sample-exemplars.ts";

export { type ExemplarSetName, exemplarSetAbouts, isExemplarSet } from "./exemplars/sets/names.ts";

const sampleShape = {
  each: option(count.optional(), "Exemplars of every source."),
  total: option(count.optional(), "Exemplars of all sources together."),
  weights: option(
    z.record(z.string(), quantity).readonly().optional(),
    "Weights by source, 1 for one that is not named; without a total as many are taken as the proportions allow.",
  ),
};

/** Schema of {@link ExemplarSample}. */
export const sample: z.ZodType<ExemplarSample, ExemplarSample> = z.strictObject(sampleShape);
