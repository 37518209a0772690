import { relative } from "node:path";
import { isObject, RagInstructError } from "@rag-instruct/core";
import { findConfig, loadConfig } from "../config/load.ts";
import { resolveConfig } from "../config/resolve.ts";
import type { Config, ModelChoice, ResolvedConfig } from "../config.ts";
import { isEndpoint } from "../models.ts";
import { keptSettings } from "../run-settings.ts";
import type { RunFlags } from "./flags.ts";

const openaiModel = "gpt-4o-mini";
const defaultFolder = "run";

/** What settings are put together from. */
export interface SettingsSource {
  flags: RunFlags;
  /** Files, folders or globs that the command line names. */
  documents?: readonly string[];
  /** Options that stand between the config and the flags. */
  between?: Partial<Config>;
  /** Whether a config file and what the run folder keeps are left aside. */
  isAlone?: boolean;
  /** The run folder where neither config nor flag names one. */
  to?: string;
  /** Whether a run folder that `--to` names stands before a config file: its own settings made it, and nothing should change it. */
  prefersFolder?: boolean;
  /** Whether there must be documents to work on. @default true */
  needsDocuments?: boolean;
}

/**
 * The settings of a command: the config file (else what the run folder keeps), then the flags. Throws `bad-option` when no
 * documents are named anywhere.
 */
export async function readSettings(source: SettingsSource): Promise<ResolvedConfig> {
  const { flags, documents = [], between = {}, isAlone = false, needsDocuments = true } = source;
  const ofFolder = await settingsOfFolder(source);
  const file = flags.config ?? (isAlone || ofFolder ? undefined : await findConfig("."));
  const named = ofFolder ?? (file === undefined ? undefined : await loadConfig(file));
  const to = flags.to ?? named?.to ?? source.to ?? defaultFolder;
  const kept = named || isAlone || documents.length > 0 ? undefined : await keptSettings(to);
  const base: Partial<Config> = { ...named, ...kept, ...between };
  const corpus = { ...(named ?? kept)?.corpus, ...between.corpus };
  const config: Partial<Config> = { ...base, ...overrides(flags, base), to };
  if (corpus.from !== undefined) config.corpus = corpus as Config["corpus"];
  if (documents.length > 0) config.corpus = { ...corpus, from: [...documents] };
  if (flags.format !== undefined && config.corpus) config.corpus = { ...config.corpus, format: flags.format as never };
  for (const assignment of flags.set ?? []) assign(config, assignment);
  if (!config.corpus && !needsDocuments) config.corpus = { from: to };
  if (!config.corpus) {
    const message =
      "there are no documents to work on; name them after the command, or write a config with: rag-instruct init";
    throw new RagInstructError("bad-option", message);
  }
  return resolveConfig(config as Config, { where: file ? relative(".", file) : "config" });
}

/** What a folder keeps that is named by a flag, for commands that take it as it is. */
async function settingsOfFolder({ flags, documents = [], prefersFolder = false }: SettingsSource) {
  if (!prefersFolder || flags.to === undefined || flags.config !== undefined || documents.length > 0) return undefined;
  return keptSettings(flags.to);
}

function overrides(flags: RunFlags, base: Partial<Config>): Partial<Config> {
  const { exemplars, retrieval, language, documents, budget, concurrency, seed, embeddings, paradigm, pairs } = flags;
  const { filter, verify, batch } = flags;
  const each = pairs ?? (typeof base.pairs === "number" ? base.pairs : 20);
  const wanted = paradigm ? Object.fromEntries(paradigm.map((id) => [id, each])) : pairs;
  const model = modelOf(flags, base.model);
  const given = {
    exemplars,
    filter: filter === false ? false : undefined,
    verify: verify as Config["verify"],
    benchmarks: flags.benchmark && benchmarksOf(flags.benchmark),
    retrieval: retrieval as Config["retrieval"],
    postgres: flags.postgres === undefined ? undefined : { ...base.postgres, url: flags.postgres },
    language,
    documents,
    concurrency,
    batch,
    seed,
    model,
    pairs: wanted,
    budget: budget === undefined ? undefined : { usd: budget },
    embeddings: embeddings === undefined ? undefined : { model: embeddings },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** `popqa=popqa.jsonl` and more; several files of one benchmark are one after another. Throws `bad-option`. */
export function benchmarksOf(named: readonly string[]): Record<string, string[]> {
  const files: Record<string, string[]> = {};
  for (const text of named) {
    const cut = text.indexOf("=");
    if (cut < 1 || cut === text.length - 1) {
      const message = `--benchmark ${text} must be a benchmark and its file, such as popqa=popqa.jsonl`;
      throw new RagInstructError("bad-option", message);
    }
    const id = text.slice(0, cut);
    files[id] = [...(files[id] ?? []), text.slice(cut + 1)];
  }
  return files;
}

/** OpenAI's where its key is set, else the offline one. */
function environmentModel(): ModelChoice {
  return process.env.OPENAI_API_KEY ? { name: openaiModel } : "offline";
}

/** The model that the flags name, over the one that is configured. Throws `bad-option`. */
export function modelOf(
  { model, baseUrl }: Pick<RunFlags, "model" | "baseUrl">,
  configured?: ModelChoice,
): ModelChoice {
  if (model === "offline") return "offline";
  const endpoint = configured !== undefined && isEndpoint(configured) ? configured : undefined;
  if (baseUrl !== undefined) {
    if (!URL.canParse(baseUrl))
      throw new RagInstructError("bad-option", `--base-url ${baseUrl} is no address; write http://host:port/v1`);
    const name = model ?? endpoint?.name;
    if (!name || (!model && endpoint?.baseUrl === undefined))
      throw new RagInstructError(
        "bad-option",
        "--base-url needs --model with the name that the server gives its model",
      );
    return { ...endpoint, name, baseUrl };
  }
  if (model) return { ...endpoint, name: model };
  return configured ?? environmentModel();
}

/** Puts `corpus.words=80` into a config; the value is read as JSON where it is any. Throws `bad-option`. */
function assign(config: object, assignment: string): void {
  const cut = assignment.indexOf("=");
  if (cut < 1)
    throw new RagInstructError("bad-option", `--set ${assignment} must be a path and a value, such as corpus.words=80`);
  const path = assignment.slice(0, cut).split(".");
  const last = path.pop()!;
  let at = config as Record<string, unknown>;
  for (const part of path) {
    const inner = Object.hasOwn(at, part) && isObject(at[part]) ? { ...at[part] } : {};
    at[part] = inner;
    at = inner;
  }
  at[last] = readValue(assignment.slice(cut + 1));
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
