import { type Command, InvalidArgumentError, Option } from "commander";

/** The flags that decide what a run is made of, whichever a command takes. */
export interface RunFlags {
  config?: string;
  to?: string;
  set?: string[];
  format?: string;
  exemplars?: string;
  model?: string;
  baseUrl?: string;
  embeddings?: string;
  retrieval?: string;
  pairs?: number;
  paradigm?: string[];
  language?: string;
  documents?: number;
  budget?: number;
  batch?: boolean;
  concurrency?: number;
  seed?: number;
  redis?: string;
  postgres?: string;
  filter?: boolean;
  verify?: string;
  benchmark?: string[];
}

/** The flags of `init`. */
export interface InitFlags extends RunFlags {
  force?: boolean;
  yes?: boolean;
}

/** The flags of `search`. */
export interface SearchFlags extends RunFlags {
  input?: string;
  output?: string;
  nDocs?: number;
}

type FlagName = keyof RunFlags;

const options: Record<FlagName, () => Option> = {
  config: () => new Option("-c, --config <file>", "config file; default rag-instruct.config.ts here"),
  to: () => new Option("--to <folder>", 'run folder; default "run"'),
  set: () => new Option("--set <path=value...>", "any option of the config: corpus.words=80"),
  format: () => new Option("--format <name>", "format of the documents, where it cannot be told"),
  exemplars: () => new Option("--exemplars <file>", "JSON or JSONL file with instructions to imitate"),
  model: () => new Option("--model <name>", "model id as its endpoint knows it"),
  baseUrl: () => new Option("--base-url <url>", "OpenAI-compatible server, http://127.0.0.1:11434/v1"),
  embeddings: () => new Option("--embeddings <model>", "ONNX model folder, preset or hub id"),
  retrieval: () => new Option("--retrieval <kind>", "bm25, dense or hybrid"),
  pairs: () => new Option("--pairs <number>", "pairs for each paradigm; default 20").argParser(wholeNumber),
  paradigm: () => new Option("--paradigm <id...>", "these paradigms alone"),
  language: () => new Option("--language <name>", "language of the pairs, such as German"),
  documents: () => new Option("--documents <number>", "documents of an example").argParser(wholeNumber),
  budget: () => new Option("--budget <dollars>", "most that all calls may cost").argParser(dollars),
  batch: () => new Option("--batch", "through OpenAI's batch API: for less, within a day"),
  concurrency: () => new Option("--concurrency <number>", "calls at the same time").argParser(wholeNumber),
  redis: () => new Option("--redis <url>", "workers of this Redis embed and make the calls").env("RAG_INSTRUCT_REDIS"),
  postgres: () =>
    new Option("--postgres <url>", "PostgreSQL that keeps passages and vectors").env("RAG_INSTRUCT_POSTGRES_URL"),
  filter: () => new Option("--no-filter", "take exemplars as they are"),
  verify: () => new Option("--verify <level>", "lexical, judge or proof"),
  benchmark: () => new Option("--benchmark <id=file...>", "benchmarks whose questions must not be in it"),
  seed: () => new Option("--seed <number>", "seed of every choice").argParser(wholeNumber),
};

/** Adds flags to a command, in the order of the names. */
export function addFlags(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) command.addOption(options[name]());
  return command;
}

/** Adds flags that have no line of their own in the help, and a line that names them. */
export function addMoreFlags(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) command.addOption(options[name]().hideHelp());
  const flags = names.map((name) => options[name]().long);
  return command.addHelpText("after", `\n${wrap(`Also: ${flags.join(", ")}`)}`);
}

/** Reads a flag that is a count. */
export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function dollars(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be an amount, such as 2.50.");
}

function wrap(text: string, width = 80): string {
  return text.replace(new RegExp(`(?![^\\n]{1,${width}}$)([^\\n]{1,${width}})\\s`, "g"), "$1\n  ");
}
