import { badOption, RagInstructError } from "@rag-instruct/core";
import { checkOptions, didYouMean, type PlaceOf } from "@rag-instruct/core/options";
import { findBenchmark, otherTexts } from "@rag-instruct/eval";
import { exportFormats } from "@rag-instruct/format";
import { paradigms as builtin, defineParadigm, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { engineOf, type RetrievalChoice } from "@rag-instruct/retrieve/options";
import { checkSample } from "@rag-instruct/simulate";
import { z } from "zod";
import { isStandInChoice } from "./model-choice.ts";
import { type Config, configSchema, hasCorpus, type ResolvedConfig } from "./schema.ts";

/** The whole of a config's schema: with the formats that `@rag-instruct/format` has, which is too much to load for a line of help. */
export const wholeSchema = configSchema.extend({
  exports: z
    .array(z.enum(exportFormats))
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
  const {
    kind,
    analyzer = "auto",
    ...searched
  }: RetrievalChoice = typeof rest.retrieval === "string" ? { kind: rest.retrieval } : (rest.retrieval ?? {});
  const paradigms = withInstructions(
    { ...builtin, ...Object.fromEntries(own.map((paradigm) => [paradigm.id, paradigm])) },
    rest.instructions,
  );
  // Without a corpus each exemplar gives the pair that its documents are for, unless some are wanted by number.
  const isEach = config.pairs === undefined && !hasCorpus(rest) && !retriever;
  const counts = isEach ? {} : countsOf(pairs, Object.keys(paradigms));
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
  const { engine } = searched as RetrievalChoice;
  if (((kind && kind !== "bm25") || engine) && !embeddings) {
    const what = kind && kind !== "bm25" ? `retrieval "${kind}"` : `the engine "${engine}" searches vectors, and`;
    throw wrong("retrieval", `${what} needs embeddings, such as embeddings: { model: "contriever-msmarco" }`);
  }
  if (engine === "pgvector" && !postgres)
    throw wrong("retrieval", 'the engine "pgvector" needs a PostgreSQL with pgvector 0.8; name it with --postgres');
  if (retriever && (rest.retrieval || embeddings))
    throw wrong("retriever", "a retriever of your own ranks by itself; leave out retrieval and embeddings");
  try {
    return {
      ...rest,
      card,
      counts,
      paradigms,
      retrieval: kind ?? (embeddings ? "hybrid" : "bm25"),
      analyzer,
      engine: engineOf(searched, { hasPostgres: postgres !== undefined }),
    };
  } catch (error) {
    throw wrong("retrieval", (error as Error).message);
  }
}

/** Paradigms that ask for something more; each is another version of itself, with other keys in the ledger. Throws `bad-option` for an unknown id. */
function withInstructions(
  paradigms: Readonly<Record<string, Paradigm>>,
  more: ResolvedConfig["instructions"],
): Record<string, Paradigm> {
  const byId = typeof more === "string" ? Object.fromEntries(Object.keys(paradigms).map((id) => [id, more])) : more;
  const changed = { ...paradigms };
  for (const [id, text] of Object.entries(byId ?? {})) {
    checkParadigm(id, paradigms);
    const { instructions, ...paradigm } = paradigms[id]!;
    changed[id] = defineParadigm({ ...paradigm, instructions: `${instructions}\n${text.trim()}` });
  }
  return changed;
}

/**
 * Pairs wanted of each of some paradigms: a number and `{ each }` are of every one; `{ total }` is shared out alike, and what cannot be
 * divided goes to the first ones; counts by paradigm stay as they are.
 */
export function countsOf(
  pairs: NonNullable<Config["pairs"]>,
  ids: readonly string[],
): Readonly<Record<string, number>> {
  const { each, total, ...byParadigm } = (typeof pairs === "number" ? { each: pairs } : pairs) as Record<
    string,
    number
  >;
  const isShared = each === undefined && total !== undefined;
  if ((each === undefined) === (total === undefined) || Object.keys(byParadigm).length > 0)
    return pairs as Readonly<Record<string, number>>;
  const share = isShared ? Math.floor(total / ids.length) : each!;
  const rest = isShared ? total % ids.length : 0;
  return Object.fromEntries(ids.map((id, i) => [id, share + (i < rest ? 1 : 0)]));
}

/** What counts by paradigm come to, in words: `20 of each of 5 paradigms`, or how many paradigms there are. Empty for one. */
export function sharesInWords(counts: Readonly<Record<string, number>>): string {
  const wanted = Object.values(counts).filter((count) => count > 0);
  if (wanted.length < 2) return "";
  const isAlike = wanted.every((count) => count === wanted[0]);
  return isAlike ? `, ${wanted[0]} of each of ${wanted.length} paradigms` : `, of ${wanted.length} paradigms`;
}

function checkParadigm(id: string, among: Readonly<Record<string, Paradigm>>): void {
  try {
    paradigmById(id, among);
  } catch (error) {
    const near = didYouMean(id, Object.keys(among));
    if (!near) throw error;
    throw new RagInstructError("unknown-paradigm", `${(error as Error).message}${near}`);
  }
}
