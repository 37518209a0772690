/**
 * How many exemplars are taken of each source, and how chains of searches are found, as a config file holds them: schemas of zod.
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

const trajectoriesShape = {
  results: option(count.optional(), "Results of a search that are shown.", { otherwise: "3" }),
  unproved: option(
    z.boolean().optional(),
    'Whether pairs are taken too whose documents no proof (verify "proof") has shown to be needed.',
    { otherwise: "false" },
  ),
};

/** How the chains of searches of a run are found. */
export interface Trajectories extends z.output<z.ZodObject<typeof trajectoriesShape>> {}
/** Schema of {@link Trajectories}. */
export const trajectories: z.ZodType<Trajectories, Trajectories> = z.strictObject(trajectoriesShape);
