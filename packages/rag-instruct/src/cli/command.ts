import { existsSync } from "node:fs";
import { dirname, extname } from "node:path";
import { badOption } from "@rag-instruct/core";
import type { ProgressView } from "@rag-instruct/core/node";
import { type Command, InvalidArgumentError, Option } from "commander";
import { aboutOf, type Config, configSchema, type Flag } from "../config/schema.ts";
import type { Paying } from "../run/models.ts";
import { note } from "./note.ts";

/** A command: its argument, its flags, its help, and what it does. */
export interface CommandDefinition<Argument = unknown, Flags = RunFlags> {
  /** `<one>`, `[one]` or `[several...]`, and what it is. @default the command takes none */
  argument?: readonly [name: string, text: string, choices?: readonly string[]];
  /** Flags in the order of the help; one by name where the config has its option, or several commands have it. */
  flags?: readonly (FlagName | Option)[];
  /** Flags that the help only names. */
  more?: readonly (FlagName | Option)[];
  /** A line after the flags. */
  note?: string;
  examples: readonly string[];
  /** Does the work. What is heavy is imported here, so that help and completion need not wait for it. */
  run(argument: Argument, flags: Flags, context: CommandContext): Promise<Answer>;
}

/** A command whatever its argument and flags: commander gives it those that it names. */
export type AnyCommand = CommandDefinition<never, never>;

/** What a command works with. */
export interface CommandContext {
  view: ProgressView;
  signal: AbortSignal;
  /** The command line that the command is one of. */
  program: Command;
  /** Who pays for the calls of a search, a question or a preview. @default the run; on a terminal a person is asked */
  paying?: Paying;
  /** What was typed, to be typed again; without passwords. */
  commandLine: string;
}

/** What a command says on standard output: text for people, or with --json a value for programs. */
export interface Answer {
  text: string | AsyncIterable<string>;
  /** @default the text, which is JSON already */
  json?: unknown;
  /** @default 0 */
  exitCode?: number;
}

/** The flags that are read one by one. One that only sets its option needs no line here. */
export interface RunFlags {
  config?: string;
  to?: string;
  set?: string[];
  question?: string;
  budget?: number;
  allowMake?: boolean;
  margin?: number;
  next?: number;
  model?: string;
  baseUrl?: string;
  temperature?: number;
  maxTokens?: number;
  body?: string[];
  field?: string[];
  pairs?: string | Config["pairs"];
  each?: boolean;
  total?: boolean;
  paradigms?: string[];
  redis?: string;
  noDocuments?: boolean;
  embeddings?: string;
  import?: string[];
  preset?: string;
  pooling?: string;
  retryRejected?: boolean;
  redraw?: boolean;
  yes?: boolean;
  replace?: boolean;
  strict?: boolean;
  onlyAccepted?: boolean;
  dryRun?: boolean;
  open?: boolean;
  [flag: string]: unknown;
}

/** Flags that a command takes by name: those of an option of the config, or one that sets no option. */
export type FlagName = keyof Config | keyof typeof otherFlags;

const otherFlags = {
  config: { name: "-c, --config <file>", text: "config file; default rag-instruct.config.ts here" },
  set: { name: "--set <path=value...>", text: "any option of the config: corpus.words=80" },
  import: { name: "--import <path,...>", text: "vectors of the passages: .tar, files, folder, glob" },
  retryRejected: { name: "--retry-rejected", text: "ask again for all rejected pairs" },
  redraw: { name: "--redraw", text: "another pair for each that a person rejected" },
  dryRun: { name: "--dry-run", text: "say what it would do, call and cost, and do nothing" },
  yes: { name: "-y, --yes", text: "spend without asking" },
  replace: { name: "--replace", text: "replace finished, paid or reviewed data of this run" },
  paradigms: { name: "--paradigms <id...>", text: "these paradigms alone" },
  onlyAccepted: { name: "--only-accepted", text: "only pairs that a person accepted or edited" },
  strict: { name: "--strict", text: "exit code 1 where pairs are missing" },
  open: { name: "--open", text: "open the report when it is there" },
  noiseCorpus: { name: "--corpus <path,...>", text: "documents or run that give pairs made elsewhere noise" },
  redis: { name: "--redis <url>", text: "workers of this Redis embed and make the calls", env: "RAG_INSTRUCT_REDIS" },
} as const satisfies Record<string, Flag>;

/** Gives commander a command's argument, flags, help and action. */
export function addDefinition(
  command: Command,
  { argument, flags = [], more = [], note, examples, run }: AnyCommand,
  start: (work: (context: CommandContext) => Promise<Answer>) => Promise<void>,
): void {
  if (argument) {
    const [name, text, choices] = argument;
    const made = command.createArgument(name, text);
    command.addArgument(choices ? made.choices(choices) : made);
  }
  for (const option of optionsOf(flags)) command.addOption(option);
  const beside = optionsOf(more);
  const unlisted = beside.filter(({ hidden, description }) => !hidden && description !== "");
  for (const option of beside) command.addOption(option.hideHelp());
  const takes = (long: string) => command.options.some((option) => option.long === long);
  if (takes("--n-docs") && !takes("--documents")) command.addOption(flag("--documents <path,...>", "").hideHelp());
  const also = unlisted.length > 0 ? wrap(`Also: ${unlisted.map(({ long }) => long).join(", ")}`) : undefined;
  const example = ["Examples:", ...examples.map((line) => `  ${line}`)].join("\n");
  for (const text of [also, note, example]) if (text) command.addHelpText("after", `\n${text}`);
  command.action((...given: unknown[]) => {
    const [first, second] = argument ? given : [undefined, ...given];
    return start(async (context) => {
      refuseSpilled(command, context.program as { rawArgs?: readonly string[] });
      const { named, flags } = withDocuments(first, second as RunFlags);
      return run(named as never, flags as never, context);
    });
  });
}

function optionsOf(flags: readonly (FlagName | Option)[]): Option[] {
  return flags.flatMap((flag) => (typeof flag === "string" ? flagsOf(flag) : flag));
}

/** The flags of a name; none where an option has none. */
export function flagsOf(name: FlagName): Option[] {
  const { flags = [], description } =
    name in otherFlags
      ? { flags: [otherFlags[name as keyof typeof otherFlags]], description: "" }
      : aboutOf(configSchema.shape[name as keyof Config])!;
  const words = description.slice(0, 1).toLowerCase() + description.slice(1).replace(/\.$/, "");
  return flags.map(({ name, text = words, env, isInAnother = false }: Flag) =>
    flag(name, text, { env }).hideHelp(isInAnother),
  );
}

/**
 * The documents of `--documents` beside those that are named as they are. A number there was once the number of documents of an
 * example, and still is, with a note.
 */
function withDocuments(named: unknown, { documents = [], ...flags }: RunFlags): { named: unknown; flags: RunFlags } {
  if (documents === false) return { named, flags: { ...flags, noDocuments: true } };
  const [first, ...others] = documents as string[];
  if (first === undefined) return { named, flags };
  if (/^\d+$/.test(first) && others.length === 0 && !existsSync(first)) {
    note(`--documents names documents; their number is --n-docs ${first}, and taken so`);
    return { named, flags: { ...flags, nDocs: Number(first) } };
  }
  if (Array.isArray(named)) return { named: [...named, first, ...others], flags };
  throw badOption(`--documents ${first}: this command works on no documents of yours`);
}

/**
 * Throws `bad-option` where a shell has expanded a glob after a flag that takes a list: the flag has the first of the files, and the
 * others would be taken for documents without a word.
 */
function refuseSpilled({ options }: Command, { rawArgs = [] }: { rawArgs?: readonly string[] }): void {
  const lists = options.filter(({ flags }) => flags.includes(",...>"));
  for (const [i, word] of rawArgs.entries()) {
    const [value = "-", next = "-"] = rawArgs.slice(i + 1);
    const isList = lists.some(({ short, long }) => word === short || word === long);
    const isAlike = dirname(value) === dirname(next) && extname(value) === extname(next) && extname(next) !== "";
    if (!isList || !isAlike || !existsSync(value) || !existsSync(next)) continue;
    throw badOption(
      `${next} after ${word} ${value} would be a document, as after a glob that the shell expands; quote the glob, or give each file its own ${word}`,
    );
  }
}

/** A flag as commander takes it; its name says how its value is read. */
export function flag(name: string, text: string, { env, standard }: { env?: string; standard?: unknown } = {}): Option {
  const option = new Option(name, text).default(standard);
  if (env !== undefined) option.env(env);
  if (name.includes("<number>")) option.argParser(wholeNumber);
  if (name.startsWith("--pairs"))
    option.argParser((text, before) => (before && text.includes("=") ? `${before},${text}` : text));
  if (name.includes("<dollars>")) option.argParser(decimal("an amount, such as 2.50"));
  if (/<(?:decimal|seconds)>/.test(name)) option.argParser(decimal("a number, such as 0.7"));
  if (/,\.\.\.>|<id\.\.\.>/.test(name)) option.argParser(addToList);
  return option;
}

/** One value of a flag that may be given more than once, or a list with commas; the commas of a file's name and of a glob's braces stay. */
export function addToList(text: string, before: readonly string[] = []): string[] {
  const parts = existsSync(text) ? [text] : text.split(/,(?![^{}]*\})/).map((part) => part.trim());
  return [...before, ...parts.filter((part) => part !== "")];
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function decimal(what: string): (text: string) => number {
  return (text) => {
    if (/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
    throw new InvalidArgumentError(`It must be ${what}.`);
  };
}

function wrap(text: string, width = 78): string {
  return text.replace(new RegExp(`(?![^\\n]{1,${width}}$)([^\\n]{1,${width}})\\s`, "g"), "$1\n  ");
}
