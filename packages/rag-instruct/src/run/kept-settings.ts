import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { badOption, isObject, RagInstructError } from "@rag-instruct/core";
import { withoutSecrets } from "@rag-instruct/core/calls";
import { readJsonFile, writeAtomic } from "@rag-instruct/core/node";
import { placeEmbedding } from "@rag-instruct/embed/options";
import { allParadigms } from "@rag-instruct/paradigms";
import { statedRetrieval, withoutPassword } from "@rag-instruct/retrieve/options";
import { mapFiles } from "../config/load.ts";
import { isGguf, isModelObject, isOnHub } from "../config/model-choice.ts";
import { type Config, placeExemplars, type ResolvedConfig } from "../config/schema.ts";

/** Name of the file in a run folder that keeps its settings. */
export const settingsFile = "settings.json";

/** Name of the file of what a run was asked for, until one has succeeded: who goes on with it need not say it again. */
const askedFile = "asked.json";

/**
 * Keeps a run's settings in its folder, so that later commands need the folder's name alone, from wherever they are called; called when
 * a run has succeeded, so that one that fails changes nothing for those after it. Settings with objects that
 * are not JSON (a model, an embedder, a paradigm of one's own) are not kept: they live in a program or a config file.
 */
export async function keepSettings(config: ResolvedConfig): Promise<void> {
  await writeSettings(config, settingsFile);
  await rm(join(config.to, askedFile), { force: true });
}

/** Keeps what a run is asked for where none has succeeded in its folder. Nothing but a run that goes on reads it. */
export async function keepAsked(config: ResolvedConfig): Promise<void> {
  if (!(await keptSettings(config.to))) await writeSettings(config, askedFile);
}

/** Writes a run's settings as a config file that names its folder too. Throws `bad-option` where they hold objects of a program. */
export async function writeConfig(path: string, config: ResolvedConfig): Promise<void> {
  const kept = await keptForm(config);
  if (!kept)
    throw badOption(
      "a model, an embedder or a paradigm of a program cannot be written to a config; set `instructions` there",
    );
  await writeAtomic(path, `${JSON.stringify({ to: resolve(config.to), ...kept }, null, 2)}\n`);
}

async function writeSettings(config: ResolvedConfig, file: string): Promise<void> {
  const path = join(config.to, file);
  const kept = await keptForm(config);
  if (!kept) return rm(path, { force: true });
  await writeAtomic(path, `${JSON.stringify(kept, null, 2)}\n`);
}

/** Settings as a file keeps them; undefined where they hold objects that are not JSON. */
async function keptForm(
  config: ResolvedConfig,
): Promise<(Omit<Config, "to" | "corpus"> & Partial<Pick<Config, "corpus">>) | undefined> {
  const { to: _to, corpus: _corpus, counts, paradigms, engine, analyzer: _analyzer, retriever, ...rest } = config;
  const hasOwnParadigm = Object.keys(paradigms).some((id) => !Object.hasOwn(allParadigms, id));
  const { model, embeddings } = config;
  const hasOwnEmbedder = embeddings !== undefined && "embed" in embeddings;
  if (hasOwnParadigm || isModelObject(model) || hasOwnEmbedder || retriever) return undefined;
  return {
    ...rest,
    model: isGguf(model) && !isOnHub(model.gguf) ? { ...model, gguf: resolve(model.gguf) } : model,
    ...placesOf(config),
    pairs: counts,
    retrieval: retrievalOf(config),
    settings: withoutSecrets(config.settings),
    postgres: config.postgres && withoutPassword(config.postgres),
  };
}

/** How a config ranks, as a config says it: the kind alone, where the engine is the one that is meant then. */
export function retrievalOf({ retrieval: kind, analyzer, engine, postgres }: ResolvedConfig): Config["retrieval"] {
  return statedRetrieval({ kind, analyzer, engine }, { hasPostgres: postgres !== undefined });
}

/**
 * The settings that a run folder keeps; nothing where it keeps none. Throws `file-corrupt` for what cannot be read as such: by other settings
 * documents could go to another model.
 * @param options.orAsked where no run has succeeded, what the last was asked for. @default false
 */
export async function keptSettings(to: string, { orAsked = false } = {}): Promise<Partial<Config> | undefined> {
  for (const path of (orAsked ? [settingsFile, askedFile] : [settingsFile]).map((file) => join(to, file))) {
    const kept = await readJsonFile<Partial<Config>>(path).catch(() => null);
    if (isObject(kept)) return kept;
    const remedy = "mend it, or remove it and say the settings anew";
    if (kept !== undefined) throw new RagInstructError("file-corrupt", `${path} holds no settings; ${remedy}`);
  }
  return undefined;
}

/** The option whose files a stage reads. */
const readBy: Readonly<Record<string, keyof ReturnType<typeof placesOf>>> = {
  ingest: "corpus",
  exemplars: "exemplars",
  synthesize: "benchmarks",
  embed: "embeddings",
};

/** Tells of a stage whether it is to read the very files that the folder says it has read: those may be gone since. */
export async function namesKeptFiles(config: ResolvedConfig): Promise<(stage: string) => boolean> {
  const kept = await keptSettings(config.to, { orAsked: true });
  const now = placesOf(config);
  const asKept = (value: unknown) => JSON.parse(JSON.stringify(value ?? null));
  return (stage) => {
    const option = readBy[stage];
    return kept !== undefined && option !== undefined && isDeepStrictEqual(asKept(kept[option]), asKept(now[option]));
  };
}

/** The options that name files, with paths that mean the same from everywhere. */
function placesOf({ to, corpus, exemplars, benchmarks, embeddings }: ResolvedConfig) {
  const from = corpus.from.map((path) => (path === "-" ? path : resolve(path)));
  return {
    // The folder alone stands for documents that were not named.
    corpus: from.length === 1 && from[0] === resolve(to) ? undefined : from.length > 0 && { ...corpus, from },
    exemplars: placeExemplars(exemplars, resolve),
    benchmarks: mapFiles(benchmarks, resolve),
    embeddings: embeddings && placeEmbedding(embeddings),
  };
}
