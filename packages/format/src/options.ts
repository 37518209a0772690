/**
 * What a dataset card says that nobody else knows, and how hard negatives are chosen, as a config file holds them: schemas of zod (optional peer).
 *
 * @module
 */
import { count, option, quantity, z } from "@rag-instruct/core/options";
import type { Provenance } from "./publish/dataset-card.ts";

const provenanceShape = {
  name: option(z.string(), "Name for people."),
  license: option(z.string(), 'As its owner states it, such as "CC BY-SA 4.0".'),
  url: option(z.string().optional(), "Where it is described."),
};

const provenance: z.ZodType<Provenance, Provenance> = z.strictObject(provenanceShape);

const cardShape = {
  name: option(z.string().optional(), "Name of the set."),
  license: option(z.string().optional(), "License of the set, as the hub spells it, such as cc-by-sa-4.0."),
  corpus: option(provenance.optional(), "Where the documents come from."),
  exemplars: option(provenance.optional(), "Where the exemplars come from."),
};

/** What the dataset card says that nobody else knows. */
export interface Card extends z.output<z.ZodObject<typeof cardShape>> {}
/** Schema of {@link Card}. */
export const card: z.ZodType<Card, Card> = z.strictObject(cardShape);

const negativesShape = {
  count: option(count.optional(), "Hard negatives of a question.", { otherwise: "4" }),
  from: option(
    count.optional(),
    "The best rank that is taken: the nearest passages are often answers that nobody has marked.",
    { otherwise: "11 of the run's own ranking, any of the ranks kept in examples" },
  ),
  to: option(count.optional(), "The last rank that is taken.", {
    otherwise: "50 of the run's own ranking, any of the ranks kept in examples",
  }),
  margin: option(
    z.union([quantity, z.strictObject({ absolute: quantity }), z.literal(false)]).optional(),
    "How far below the best-ranked source a negative scores: a share of its score, { absolute } a difference, or false for none.",
    { otherwise: "0.05" },
  ),
};

/** How hard negatives of the exports for retrievers are chosen. */
export interface Negatives extends z.output<z.ZodObject<typeof negativesShape>> {}
/** Schema of {@link Negatives}. */
export const negatives: z.ZodType<Negatives, Negatives> = z.strictObject(negativesShape);
