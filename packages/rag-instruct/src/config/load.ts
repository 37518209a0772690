import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { badOption, isObject, programName, RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { checkOptions, didYouMean, type PlaceOf, z } from "@rag-instruct/core/options";
import type { CorpusChoice } from "@rag-instruct/corpus/options";
import { embeddingModel, placeEmbedding } from "@rag-instruct/embed/options";
import { findBenchmark, otherTexts } from "@rag-instruct/eval";
import { exportFormats, runFormats } from "@rag-instruct/format";
import { allParadigms, paradigms as five, type Paradigm, withInstructions } from "@rag-instruct/paradigms";
import { resolveRetrieval } from "@rag-instruct/retrieve/options";
import { checkSample, pairCounts } from "@rag-instruct/simulate";
import { isStandInChoice } from "./model-choice.ts";
import { type Config, configSchema, hasCorpus, placeExemplars, type ResolvedConfig } from "./schema.ts";

const extensions = [".ts", ".mts", ".mjs", ".js", ".json"];

/** The config file of a folder: `rag-instruct.config` with the first of .ts, .mts, .mjs, .js and .json that is there. */
export async function findConfig(folder: string): Promise<string | undefined> {
  for (const extension of extensions) {
    const path = join(folder, `rag-instruct.config${extension}`);
    if (await isThere(path)) return path;
  }
  return undefined;
}

/**
 * Loads a config file; TypeScript runs as it is, by Node's own type stripping. Relative paths in it are taken from its own
 * folder. Throws `file-missing` and `bad-option`. The content is not checked here: `ragInstruct` does that.
 */
export async function loadConfig(path: string): Promise<Partial<Config>> {
  if (!(await isThere(path)))
    throw new RagInstructError("file-missing", `${path} is not there; write one with: ${programName()} init`);
  if (!extensions.includes(extname(path)))
    throw badOption(`${path} is no config; its name ends in one of ${extensions.join(", ")}`);
  const config = extname(path) === ".json" ? await readJson(path) : await importDefault(path);
  if (!isObject(config)) throw badOption(`${path} must export a config: export default defineConfig({ … })`);
  // Where an editor finds the options' names and texts.
  const { $schema: _, ...options } = config;
  return atFolder(options as Partial<Config>, dirname(resolve(path)));
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function importDefault(path: string): Promise<unknown> {
  lendOwnPackages();
  try {
    const module: { default?: unknown } = await import(pathToFileURL(resolve(path)).href);
    return module.default;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): RagInstructError {
  // Node says the line of TypeScript that it cannot read above the stack.
  const line = /^\S.*:(\d+)\n/.exec((cause as Error).stack ?? "")?.[1];
  return badOption(`${path}${line ? `:${line}` : ""} cannot be read: ${(cause as Error).message}`, { cause });
}

// What a config imports, where the folder has no packages of its own because the command was started by npx.
const lent = /^(rag-instruct|@rag-instruct\/|ai$|ai\/|@ai-sdk\/openai)/;
let isLending = false;

function lendOwnPackages(): void {
  if (isLending) return;
  isLending = true;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!lent.test(specifier)) throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

/** The same config with its relative paths put at a folder. */
function atFolder(config: Partial<Config>, folder: string): Partial<Config> {
  const at = <T>(path: T) => (typeof path === "string" && path !== "-" ? resolve(folder, path) : path);
  const { to, corpus, exemplars, benchmarks, embeddings, retrieval } = config;
  const from = corpus ? corpus.from : undefined;
  const all = <T>(paths: T) => (Array.isArray(paths) ? (paths.map(at) as T) : at(paths));
  const placed = { ...config };
  if (to !== undefined) placed.to = at(to);
  if (from !== undefined) placed.corpus = { ...(corpus as CorpusChoice), from: all(from) };
  if (exemplars !== undefined) placed.exemplars = placeExemplars(exemplars, at);
  // What is wrong with one is told when the whole is checked.
  const { data } = embeddingModel.safeParse(embeddings);
  if (data) placed.embeddings = placeEmbedding(data, folder);
  if (isObject(retrieval) && "library" in retrieval)
    placed.retrieval = { ...retrieval, library: at(retrieval.library) } as Config["retrieval"];
  if (isObject(benchmarks)) placed.benchmarks = mapFiles(benchmarks as NonNullable<Config["benchmarks"]>, at);
  return placed;
}

/** Paths of benchmarks' files put through a function. */
export function mapFiles(
  benchmarks: NonNullable<Config["benchmarks"]>,
  map: (path: string) => string,
): Record<string, string | string[]> {
  const entries = Object.entries(benchmarks).map(([id, from]) => [
    id,
    typeof from === "string" ? map(from) : Array.isArray(from) ? from.map((path) => map(path)) : from,
  ]);
  return Object.fromEntries(entries);
}

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
  const { verify, filter, sample, model, turns, depth, beyond, embeddings, retriever, postgres, card = {} } = rest;
  const byId = Object.fromEntries(own.map((paradigm) => [paradigm.id, paradigm]));
  const known = { ...allParadigms, ...byId };
  if (typeof rest.instructions === "object") for (const id of Object.keys(rest.instructions)) checkParadigm(id, known);
  const paradigms = withInstructions(known, rest.instructions ?? {});
  // Without a corpus each exemplar gives the pair that its documents are for, unless some are wanted by number.
  const isEach = config.pairs === undefined && !hasCorpus(rest) && !retriever;
  const counts = isEach ? {} : pairCounts(pairs, Object.keys({ ...five, ...byId }));
  for (const id of Object.keys(counts)) checkParadigm(id, paradigms);
  for (const id of Object.keys(rest.benchmarks)) if (id !== otherTexts) findBenchmark(id);
  const wrong = (field: keyof Config, message: string) => badOption(`${blame([field])}: ${message}`);
  if (verify !== "lexical" && model === "offline")
    throw wrong(
      "verify",
      `verify "${verify}" asks a model that judges, which the offline model cannot; name another model`,
    );
  if (rest.noiseAnswers > 0 && verify !== "proof")
    throw wrong("noiseAnswers", 'noiseAnswers asks the reader of a proof; set verify to "proof" as well');
  if (filter === "model" && isStandInChoice(model))
    throw wrong(
      "filter",
      'filter "model" asks a model that judges, which offline and recorded ones cannot; name another model',
    );
  if (turns > 1 && (isStandInChoice(model) || !(hasCorpus(rest) || retriever)))
    throw wrong("turns", "later turns need a model that is no stand-in, and a corpus to find their documents in");
  if (sample) checkSample(sample);
  if (depth <= beyond)
    throw wrong("depth", `depth (${depth}) must be larger than beyond (${beyond}), where noise comes from`);
  if (!hasCorpus(rest) && !retriever && rest.exports.some((format) => format.startsWith("trajectories")))
    throw wrong("exports", "trajectories are searched for in a corpus, and there is none");
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
