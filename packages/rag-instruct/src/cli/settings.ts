import { join, relative, resolve } from "node:path";
import { badOption, isObject, programName, shellWord } from "@rag-instruct/core";
import { jsonOrText, putAt, readAssignment, readFields, type SettingsChoice } from "@rag-instruct/core/options";
import type { CorpusChoice } from "@rag-instruct/corpus/options";
import { pairCounts, readPairsWanted } from "@rag-instruct/simulate";
import { findConfig, loadConfig, resolveConfig } from "../config/load.ts";
import { isEndpoint, isGguf, isGgufName, type ModelChoice } from "../config/model-choice.ts";
import { type Config, configSchema, type ResolvedConfig } from "../config/schema.ts";
import { keptSettings, settingsFile } from "../run/kept-settings.ts";
import { addToList, flagsOf, type RunFlags } from "./command.ts";
import { takeRun } from "./named-run.ts";
import { note } from "./note.ts";

const openaiModel = "gpt-4o-mini";
const defaultFolder = "run";

/** What a command says that finds no documents named. */
export const noDocuments = `there are no documents to work on; name them after the command, or write a config with: ${programName()} init; exemplars that bring their own need none, with --no-documents`;

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
  /** Whether the settings of a run folder that `--to` names go before a config file: they made it, and nothing should change it. */
  prefersFolder?: boolean;
  /** Whether there must be documents to work on. @default true */
  needsDocuments?: boolean;
  /** Whether what a run was asked for that never succeeded counts. @default where documents are needed */
  goesOn?: boolean;
  /** Whether `--to` is a run that the command is about: then a config here that is of another folder has no part in it. @default false */
  isNamedRun?: boolean;
}

/**
 * The settings of a command: the config file (else what the run folder keeps), then the flags. A run folder among the documents is
 * the run, with the settings that it keeps. Throws `bad-option` when no documents are named anywhere.
 */
export async function readSettings(given: SettingsSource): Promise<ResolvedConfig> {
  const source = await withNamedRun(given);
  const { flags, documents = [], between = {}, isAlone = false, needsDocuments = true } = source;
  const ofFolder = await settingsOfFolder(source);
  const file = flags.config ?? (isAlone || ofFolder ? undefined : await findConfig("."));
  const named = ofFolder ?? (file === undefined ? undefined : await configOf(file, source));
  const to = flags.to ?? named?.to ?? source.to ?? defaultFolder;
  const orAsked = source.goesOn ?? needsDocuments;
  const kept = named || isAlone || documents.length > 0 ? undefined : await keptSettings(to, { orAsked });
  const written = (named ?? kept)?.corpus;
  const corpus: Given["corpus"] = { ...(written || undefined), ...(between.corpus || undefined) };
  if (documents.length > 0) corpus.from = [...documents];
  const isNone = flags.noDocuments || (documents.length === 0 && (between.corpus ?? written) === false);
  if (flags.noDocuments && documents.length > 0)
    throw badOption(`${documents.join(", ")} are documents, and --no-documents says that there are none`);
  const config: Given & { to: string } = { ...named, ...kept, ...between, to, corpus };
  const blame = new Map<string, string>();
  Object.assign(config, optionsIn(flags, config, blame));
  for (const assignment of flags.set ?? []) blame.set(assign(config, assignment), `--set ${assignment}`);
  if (flags.import) {
    config.embeddings = withVectors(config.embeddings, flags.import);
    blame.set("embeddings.vectors", "--import");
  }
  const isUnnamed = !isNone && isObject(config.corpus) && config.corpus.from === undefined;
  if (isUnnamed) Object.assign(config.corpus as object, { from: to });
  const place = ofFolder || kept ? join(to, settingsFile) : file ? relative(".", file) : "config";
  const checked = { ...config, corpus: isNone ? false : isObject(written ?? {}) ? config.corpus : written } as Config;
  const resolved = resolveConfig(checked, { where: (field) => givenBy(field, blame) ?? place });
  // Said last: what is wrong with the config may be why none are found in it.
  if (isUnnamed && needsDocuments) throw badOption(source.isNamedRun ? keepsNone(to) : noDocuments);
  return resolved;
}

/** The flag that gave a field, a part of it, or what it is in; the last where there are several. */
function givenBy(field: readonly PropertyKey[], blame: ReadonlyMap<string, string>): string | undefined {
  const path = `${field.map(String).join(".")}.`;
  return [...blame].findLast(([given]) => path.startsWith(`${given}.`) || `${given}.`.startsWith(path))?.[1];
}

/**
 * The settings of a run that is looked at or given out, in the folder that is named or in that of the config here: those it keeps,
 * else those of its config. Undefined where neither is there, as in a run that never succeeded.
 */
export async function knownSettings(run: string | undefined, flags: RunFlags): Promise<ResolvedConfig | undefined> {
  const config = await readRunSettings(run, flags, { goesOn: true });
  if (flags.config !== undefined || (await keptSettings(config.to, { orAsked: true }))) return config;
  const file = await findConfig(".");
  const found = file === undefined ? undefined : await loadConfig(file);
  return isOf(config.to, found) ? config : undefined;
}

/** The same, with defaults where nothing is known. */
export function readRunSettings(
  run: string | undefined,
  flags: RunFlags,
  { goesOn }: Pick<SettingsSource, "goesOn"> = {},
): Promise<ResolvedConfig> {
  const isNamedRun = run !== undefined;
  return readSettings({ flags: { ...flags, to: run }, prefersFolder: true, needsDocuments: false, isNamedRun, goesOn });
}

/** A source whose documents name a run folder, as one that names it by its flag. Throws `bad-option` for documents beside it. */
async function withNamedRun(source: SettingsSource): Promise<SettingsSource> {
  const { flags, documents = [] } = source;
  const { run, rest } = await takeRun(documents, flags);
  if (run === undefined) return source;
  if (rest.length > 0)
    throw badOption(
      `${run} is a run folder, and no documents to work on; name ${rest.join(", ")} alone, and the run with --to ${shellWord(run)}`,
    );
  return { ...source, flags: { ...flags, to: run }, documents: [], prefersFolder: true, isNamedRun: true };
}

/** What a folder keeps that is named by a flag, for commands that take it as it is. */
async function settingsOfFolder(source: SettingsSource) {
  const { flags, documents = [], prefersFolder = false, needsDocuments = true, goesOn = needsDocuments } = source;
  if (!prefersFolder || flags.to === undefined || flags.config !== undefined || documents.length > 0) return undefined;
  return keptSettings(flags.to, { orAsked: goesOn });
}

/** The config of a file; nothing of one that was found here and is of another folder than the run that is named. */
async function configOf(file: string, { flags, isNamedRun }: SettingsSource): Promise<Partial<Config> | undefined> {
  const config = await loadConfig(file);
  return isNamedRun && flags.config === undefined && !isOf(flags.to!, config) ? undefined : config;
}

function isOf(run: string, config: Partial<Config> | undefined): boolean {
  return config !== undefined && resolve(config.to ?? defaultFolder) === resolve(run);
}

function keepsNone(run: string): string {
  return `${run} keeps no settings, as no run there has succeeded; name its documents, as in ${programName()} index <documents> --to ${shellWord(run)}, or its config with --config`;
}

type Given = Partial<Omit<Config, "corpus">> & { corpus: Partial<CorpusChoice> };

/** Options whose value is not that of their flag alone, by what the flag gives and what is configured. */
const optionOf: { [Name in keyof Config]?: (given: never, configured: Given[Name], flags: RunFlags) => unknown } = {
  corpus: readingOf,
  sample: (each: number) => ({ each }),
  model: (_: string, model, flags) => modelOf(flags, model),
  settings: (_: number, settings, flags) => settingsOf(flags, settings),
  retrieval: (_: string, configured, { retrieval: kind, engine }) => {
    const given = Object.entries({ kind, engine }).filter(([, value]) => value !== undefined);
    return { ...(typeof configured === "string" ? { kind: configured } : configured), ...Object.fromEntries(given) };
  },
  embeddings: (_: string, embeddings, flags) => embeddingsOf(flags, embeddings),
  postgres: (url: string, postgres) => ({ ...postgres, url }),
  benchmarks: benchmarksOf,
  budget: (usd: number) => ({ usd }),
  stopWhen: () => false,
};

/** The options that flags set; `blame` gets the flag of each. */
function optionsIn(flags: RunFlags, config: Given, blame: Map<string, string>): Record<string, unknown> {
  const options: Record<string, unknown> = { model: modelOf({}, config.model) };
  for (const name of Object.keys(configSchema.shape) as (keyof Config)[]) {
    // `--paradigms` names some, and sets their pairs; the option holds paradigms of one's own.
    if (name === "pairs" || name === "paradigms") continue;
    for (const flag of flagsOf(name)) {
      const given = flags[flag.attributeName()];
      if (given === undefined) continue;
      options[name] = optionOf[name] ? optionOf[name](given as never, config[name] as never, flags) : given;
      // A flag that negates is true where it is not given.
      if (!flag.negate || given === false) blame.set(fieldOf[flag.long!] ?? name, flag.long!);
    }
  }
  const { pairs, each, total, paradigms } = flags;
  if (pairs !== undefined || each || total || paradigms) {
    options.pairs = pairsOf(flags, config.pairs);
    blame.set("pairs", pairs === undefined ? "--paradigms" : "--pairs");
  }
  return options;
}

/** The fields that flags of one option set. */
const fieldOf: Readonly<Record<string, string>> = {
  "--format": "corpus.format",
  "--encoding": "corpus.encoding",
  "--field": "corpus.fields",
  "--embeddings": "embeddings.model",
  "--retrieval": "retrieval.kind",
  "--engine": "retrieval.engine",
  "--preset": "embeddings.preset",
  "--pooling": "embeddings.pooling",
  "--temperature": "settings.temperature",
  "--max-tokens": "settings.maxOutputTokens",
  "--body": "settings.body",
};

const standardPairs = 20;

/** The pairs that the flags ask for, over those that are configured. A number alone counts each paradigm, with a note. Throws `bad-option`. */
export function pairsOf(
  { pairs: said, each, total, paradigms }: Pick<RunFlags, "pairs" | "each" | "total" | "paradigms">,
  configured: Config["pairs"] = standardPairs,
): Config["pairs"] {
  const pairs = typeof said === "string" ? readPairsWanted(said) : said;
  if (pairs === 0) throw badOption("--pairs must be 1 or more");
  if (each && total) throw badOption("--each and --total say two things of --pairs; give one");
  const kind = each ? "--each" : "--total";
  if (typeof pairs !== "number" && (each || total))
    throw badOption(`${kind} says what --pairs counts; give both, such as --pairs 100 ${kind}`);
  if (typeof pairs === "number" && !each && !total && paradigms?.length !== 1)
    note(`--pairs ${pairs} is ${pairs} of each paradigm; --each says so, and --total counts all of them together`);
  const wanted = typeof pairs !== "number" ? (pairs ?? configured) : total ? { total: pairs } : { each: pairs };
  if (!paradigms) return wanted;
  const counts = pairCounts(wanted, paradigms);
  return Object.fromEntries(paradigms.map((id) => [id, counts[id] ?? standardPairs]));
}

/** `popqa=popqa.jsonl` and more; several files of one benchmark are one after another. Throws `bad-option`. */
export function benchmarksOf(named: readonly string[]): Record<string, string[]> {
  const files: Record<string, string[]> = {};
  // A comma parts benchmarks, and files of one; it stays in a file's name and in the braces of a glob.
  for (const text of named.flatMap((one) => one.split(/,(?=[\w-]+=)/))) {
    const cut = text.indexOf("=");
    if (cut < 1 || cut === text.length - 1) {
      throw badOption(`"${text}" must be a benchmark and its file, such as popqa=popqa.jsonl`);
    }
    const id = text.slice(0, cut);
    files[id] = addToList(text.slice(cut + 1), files[id]);
  }
  return files;
}

/** The model that the flags name, over the one that is configured; OpenAI's where its key is set, else the offline one. Throws `bad-option`. */
export function modelOf(
  { model, baseUrl }: Pick<RunFlags, "model" | "baseUrl">,
  configured?: ModelChoice,
): ModelChoice {
  if (model === "offline" || model === "recorded") return model;
  const endpoint = configured !== undefined && isEndpoint(configured) ? configured : undefined;
  if (baseUrl !== undefined) {
    if (!URL.canParse(baseUrl)) throw badOption(`--base-url ${baseUrl} is not an address; write http://host:port/v1`);
    const name = model ?? endpoint?.name;
    if (!name || (!model && endpoint?.baseUrl === undefined))
      throw badOption("--base-url needs --model with the name that the server gives its model");
    return { ...endpoint, name, baseUrl };
  }
  if (model && isGgufName(model) && endpoint?.baseUrl === undefined)
    return { ...(configured !== undefined && isGguf(configured) ? configured : undefined), gguf: model };
  if (model) return { ...endpoint, name: model };
  return configured ?? (process.env.OPENAI_API_KEY ? { name: openaiModel } : "offline");
}

/** How the flags have documents read, over what is configured. Throws `bad-option`. */
function readingOf(_: unknown, corpus: Given["corpus"], { format, encoding, field }: RunFlags): Given["corpus"] {
  const given = {
    ...corpus,
    fields: field ? { ...corpus.fields, ...readFields("--field", field, "text=abstract") } : corpus.fields,
  };
  for (const [name, value] of Object.entries({ format, encoding }))
    if (value !== undefined) Object.assign(given, { [name]: value });
  return given;
}

/** The settings that the flags give, over those that are configured. Throws `bad-option`. */
export function settingsOf(
  { temperature, maxTokens, body }: Pick<RunFlags, "temperature" | "maxTokens" | "body">,
  configured?: SettingsChoice,
): SettingsChoice | undefined {
  if (temperature === undefined && maxTokens === undefined && body === undefined) return configured;
  const settings: Record<string, unknown> = { ...configured };
  if (temperature !== undefined) settings.temperature = temperature;
  if (maxTokens !== undefined) settings.maxOutputTokens = maxTokens;
  for (const [field, value] of Object.entries(readFields("--body", body ?? [], "enable_thinking=false")))
    putAt(settings, ["body", ...field.split(".")], jsonOrText(value));
  return settings;
}

/** The embedding model that the flags name, over one that is configured. */
export function embeddingsOf(
  { embeddings: model, preset, pooling }: RunFlags,
  configured: Config["embeddings"],
): Config["embeddings"] {
  const given = Object.entries({ model, preset, pooling }).filter(([, value]) => value !== undefined);
  const isOther =
    configured !== undefined && ("embed" in configured || (model !== undefined && !("model" in configured)));
  return { ...(isOther ? undefined : configured), ...Object.fromEntries(given) } as Config["embeddings"];
}

/** The same model, with vectors that are there already. Throws `bad-option` where none is named. */
function withVectors(configured: Config["embeddings"], vectors: readonly string[]): Config["embeddings"] {
  if (isObject(configured) && !("embed" in configured)) return { ...configured, vectors };
  throw badOption(
    "--import needs the model that the vectors are by; name it with --embeddings, such as contriever-msmarco",
  );
}

/** Puts `corpus.words=80` into a config, and gives the path. Throws `bad-option`. */
function assign(config: Given, assignment: string): string {
  const read = readAssignment(configSchema, assignment);
  if (!read) throw badOption(`--set ${assignment} must be a path and a value, such as corpus.words=80`);
  const { path, value } = read;
  // A part of it is set beside the kind that stands alone.
  if (path.length > 1 && path[0] === "retrieval" && typeof config.retrieval === "string")
    config.retrieval = { kind: config.retrieval };
  putAt(config, path, value);
  return path.join(".");
}
