/**
 * What a dataset card says that nobody else knows, as a config file holds it: a schema of zod (optional peer).
 *
 * @module
 */
import { option, z } from "@rag-instruct/core/options";
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
