import { RagInstructError } from "@rag-instruct/core";
import { type Command, InvalidArgumentError } from "commander";
import type { Config, ModelChoice } from "../config.ts";

/** The flags that `run` and `demo` share. */
export interface RunFlags {
  to: string;
  pairs?: number;
  paradigm?: string[];
  documents?: number;
  concurrency?: number;
  seed?: number;
  language?: string;
  model?: string;
  baseUrl?: string;
  budget?: number;
}

const openaiModel = "gpt-4o-mini";

/** Adds the flags that say which model to call, and how many calls at a time. */
export function addModelFlags(command: Command): Command {
  return command
    .option("--model <name>", "model id as its endpoint knows it")
    .option("--base-url <url>", "OpenAI-compatible server, such as http://127.0.0.1:11434/v1")
    .option("--concurrency <number>", "calls at the same time", wholeNumber);
}

/** Adds the flags that `run` and `demo` share to a command. */
export function addRunFlags(command: Command, { to }: { to: string }): Command {
  return addModelFlags(command)
    .option("--to <folder>", "run folder", to)
    .option("--pairs <number>", "pairs for each paradigm", wholeNumber)
    .option("--paradigm <id...>", "these paradigms alone")
    .option("--documents <number>", "documents of a training example", wholeNumber)
    .option("--seed <number>", "seed of every choice", wholeNumber)
    .option("--language <name>", "language of questions and answers, such as German")
    .option("--budget <dollars>", "most that all calls of the run may cost", dollars);
}

/** The part of a config that the shared flags give. Throws `bad-option`. */
export function configOf(flags: RunFlags): Omit<Config, "corpus"> {
  const { to, pairs, paradigm, documents, concurrency, seed, language, budget } = flags;
  const counts = paradigm ? Object.fromEntries(paradigm.map((id) => [id, pairs ?? 20])) : pairs;
  return {
    to,
    model: modelOf(flags),
    ...(counts === undefined ? {} : { pairs: counts }),
    ...(documents === undefined ? {} : { documents }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(seed === undefined ? {} : { seed }),
    ...(budget === undefined ? {} : { budget: { usd: budget } }),
    ...(language === undefined ? {} : { language }),
  };
}

/** The model that the flags name; without any, OpenAI's where its key is set, else the offline one. Throws `bad-option`. */
export function modelOf({ model, baseUrl }: Pick<RunFlags, "model" | "baseUrl">): ModelChoice {
  if (baseUrl !== undefined) {
    if (!URL.canParse(baseUrl))
      throw new RagInstructError("bad-option", `--base-url ${baseUrl} is no address; write http://host:port/v1`);
    if (!model)
      throw new RagInstructError(
        "bad-option",
        "--base-url needs --model with the name that the server gives its model",
      );
    return { name: model, baseUrl };
  }
  if (model === "offline") return "offline";
  if (model) return { name: model };
  return process.env.OPENAI_API_KEY ? { name: openaiModel } : "offline";
}

/** Reads a flag that is a count. */
export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number");
}

function dollars(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be an amount, such as 2.50");
}
