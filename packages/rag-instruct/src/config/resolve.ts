import { badOption, RagInstructError } from "@rag-instruct/core";
import { checkOptions, didYouMean, type PlaceOf, z } from "@rag-instruct/core/options";
import { findBenchmark, otherTexts } from "@rag-instruct/eval";
import { exportFormats, runFormats } from "@rag-instruct/format";
import { paradigms as builtin, type Paradigm, withInstructions } from "@rag-instruct/paradigms";
import { resolveRetrieval } from "@rag-instruct/retrieve/options";
import { checkSample, pairCounts } from "@rag-instruct/simulate";
import { isStandInChoice } from "./model-choice.ts";
import { type Config, configSchema, hasCorpus, type ResolvedConfig } from "./schema.ts";

/** The whole of a config's schema: with the formats that `@rag-instruct/format` has, which is too much to load for a line of help. */
export const wholeSchema = configSchema.extend({
  exports: z
    .array(z.enum(runFormats))
    .readonly()
    .default([...exportFormats])
    .meta({ ...configSchema.shape.exports.meta() }),
});

/**
 * Checks a config and fills in its defaults. Throws `bad-option` with the path of the field and the word that was probably
 * meant, and `unknown-paradigm`.
 * @param options.where what an error calls the config, or the place of a field @default "config"
 */
export function resolveConfig(config: Config, { where = "config" }: { where?: string | PlaceOf } = {}): ResolvedConfig {
  const blame: PlaceOf = typeof where === "string" ? () => where : where;
  const given = config.corpus === false ? { ...config, corpus: { from: [] } } : config;
  const { pairs, paradigms: own, ...rest } = checkOptions(wholeSchema, given, blame);
  const { verify, filter, sample, model, depth, beyond, embeddings, retriever, postgres, card = {} } = rest;
  const known = { ...builtin, ...Object.fromEntries(own.map((paradigm) => [paradigm.id, paradigm])) };
  if (typeof rest.instructions === "object") for (const id of Object.keys(rest.instructions)) checkParadigm(id, known);
  const paradigms = withInstructions(known, rest.instructions ?? {});
  // Without a corpus each exemplar gives the pair that its documents are for, unless some are wanted by number.
  const isEach = config.pairs === undefined && !hasCorpus(rest) && !retriever;
  const counts = isEach ? {} : pairCounts(pairs, Object.keys(paradigms));
  for (const id of Object.keys(counts)) checkParadigm(id, paradigms);
  for (const id of Object.keys(rest.benchmarks)) if (id !== otherTexts) findBenchmark(id);
  const wrong = (field: keyof Config, message: string) => badOption(`${blame([field])}: ${message}`);
  if (verify !== "lexical" && model === "offline")
    throw wrong(
      "verify",
      `verify "${verify}" asks a model that judges, which the offline model cannot; name another model`,
    );
  if (filter === "model" && isStandInChoice(model))
    throw wrong(
      "filter",
      'filter "model" asks a model that judges, which offline and recorded ones cannot; name another model',
    );
  if (sample) checkSample(sample);
  if (depth <= beyond)
    throw wrong("depth", `depth (${depth}) must be larger than beyond (${beyond}), where noise comes from`);
  if (retriever && (rest.retrieval || embeddings))
    throw wrong("retriever", "a retriever of your own ranks by itself; leave out retrieval and embeddings");
  try {
    const means = { hasEmbeddings: embeddings !== undefined, hasPostgres: postgres !== undefined };
    const { kind: retrieval, analyzer, engine } = resolveRetrieval(rest.retrieval, means);
    return { ...rest, card, counts, paradigms, retrieval, analyzer, engine };
  } catch (error) {
    throw wrong("retrieval", (error as Error).message);
  }
}

/** Throws `unknown-paradigm`, with the word that was probably meant. */
function checkParadigm(id: string, among: Readonly<Record<string, Paradigm>>): void {
  const known = Object.keys(among);
  if (known.includes(id)) return;
  const message = `there is no paradigm "${id}"; choose from ${known.join(", ")}${didYouMean(id, known)}`;
  throw new RagInstructError("unknown-paradigm", message);
}
