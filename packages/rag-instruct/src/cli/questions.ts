import { cancel, confirm, isCancel, log, select, text } from "@clack/prompts";
import { badOption, programName } from "@rag-instruct/core";
import { listModels } from "@rag-instruct/core/calls";
import { isThere, type Replace } from "@rag-instruct/core/node";
import type { Budget } from "@rag-instruct/core/options";
import type { EmbeddingChoice } from "@rag-instruct/embed/options";
import { paradigms, relationClause } from "@rag-instruct/paradigms";
import { expectedCallsLines } from "@rag-instruct/simulate";
import { exemplarSetAbouts } from "@rag-instruct/simulate/options";
import { isEndpoint, isStandInChoice, type ModelChoice } from "../config/model-choice.ts";
import type { BeforeCalls } from "../run/models.ts";
import type { CommandContext, RunFlags } from "./command.ts";

/** The flags of `init`: what they say is not asked for. */
export interface InitFlags extends RunFlags {
  exemplars?: string[];
  language?: string;
  embeddings?: string;
  budget?: number;
  force?: boolean;
  yes?: boolean;
  schema?: boolean;
}

const output = process.stderr;
const ollama = "http://127.0.0.1:11434/v1";

/** Asks on the terminal for what the flags do not say. Throws `bad-option` when the questions are left. */
export async function askQuestions(
  documents: readonly string[],
  flags: InitFlags,
  { usual, signal }: { usual: readonly string[]; signal: AbortSignal },
): Promise<{ documents: readonly string[]; flags: InitFlags }> {
  const from = documents.length > 0 ? documents : await askDocuments(usual);
  const exemplars = flags.exemplars ?? [await askExemplars()];
  const model = flags.model || flags.baseUrl ? {} : await askModel(signal);
  const asked = flags.pairs === undefined ? { pairs: Number(await askNumber()), each: true } : {};
  return { documents: from, flags: { ...flags, exemplars, ...model, ...asked } };
}

/** Whether a file that is there may be written over. */
export async function askOverwrite(path: string): Promise<boolean> {
  return answer(await confirm({ message: `${path} is there already. Write it anew?`, initialValue: false, output }));
}

/** What a command that makes may replace: all with --replace, on a terminal what a yes allows, else nothing. */
export function replaceOf({ replace = false }: RunFlags): Replace {
  if (replace || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return replace;
  return async (loss) => (await confirm({ message: `${loss}. Replace it?`, initialValue: false, output })) === true;
}

/** Whether a preview is to be made of what was chosen. @param isCapped whether a ceiling lets it spend without another question */
export async function askPreview(isCapped: boolean): Promise<boolean> {
  const cost = isCapped ? "within the budget" : "what it costs is said before the first call";
  const message = `Write a pair of each paradigm now, to look at? (${cost})`;
  return (await confirm({ message, initialValue: !isCapped, output })) === true;
}

async function askDocuments(usual: readonly string[]): Promise<readonly string[]> {
  const [folder = ""] = usual;
  const none = "Enter alone: documentation that is here already, to try it";
  const path = await askPath("Where are your documents? A file, folder or glob", folder, folder || none);
  return path === "" ? [] : [path];
}

/** A path, asked for until something is there, or the one that is usual. */
async function askPath(message: string, usual: string, placeholder = usual): Promise<string> {
  const path = answer(await text({ message, defaultValue: usual, placeholder, output }));
  if (path === usual || (await isThere(path)) || /[*?[{]/.test(path)) return path;
  output.write(`Nothing is at ${path}.\n`);
  return askPath(message, usual, placeholder);
}

async function askExemplars(): Promise<string> {
  const own = { value: "", label: "a file of my own: JSON, JSONL, CSV or Parquet" };
  const sets = Object.entries(exemplarSetAbouts).map(([value, about]) => ({
    value,
    label: `${value.padEnd(13)}${about}`,
  }));
  const message = "What do your users ask? Questions are made in the form of these, on your subject";
  const set = answer(await select({ message, options: [...sets, own], output }));
  return set || askPath("Where are they? A file, folder or glob, or a set by its name", "general");
}

async function askModel(signal: AbortSignal): Promise<Pick<InitFlags, "model" | "baseUrl">> {
  const kind = answer(
    await select({
      message: "Which model writes the pairs?",
      options: [
        { value: "openai", label: "OpenAI's gpt-4o-mini", hint: "needs OPENAI_API_KEY" },
        { value: "own", label: "A server of my own", hint: "Ollama, vLLM, SGLang, llama.cpp" },
        { value: "gguf", label: "A GGUF file, run here", hint: "needs no key and no server" },
        { value: "offline", label: "None yet", hint: "an offline model tries the flow" },
      ],
      output,
    }),
  );
  if (kind === "openai") return { model: "gpt-4o-mini" };
  if (kind === "offline") return { model: "offline" };
  if (kind === "gguf")
    return { model: answer(await text({ message: "The file, or hf:owner/name/file.gguf?", output })) };
  const baseUrl = answer(await text({ message: "Its address?", defaultValue: ollama, placeholder: ollama, output }));
  const models = await modelsAt(baseUrl, signal);
  if (!models?.length) return { baseUrl, model: answer(await text({ message: "The model's name there?", output })) };
  const options = models.map((value) => ({ value, label: value }));
  return { baseUrl, model: answer(await select({ message: "Which of its models?", options, output })) };
}

async function askNumber(): Promise<string> {
  const validate = (value: string | undefined) => (/^\d*$/.test(value ?? "") ? undefined : "a whole number");
  const clauses = Object.values(paradigms).map((paradigm) => `${paradigm.id.padEnd(20)}${relationClause(paradigm)}`);
  log.message(clauses, { output });
  const message = "How many pairs for each of the five paradigms?";
  return answer(await text({ message, defaultValue: "20", placeholder: "20", validate, output }));
}

function answer<T>(given: T): Exclude<T, symbol> {
  if (!isCancel(given)) return given as Exclude<T, symbol>;
  cancel("Nothing was written.", { output });
  throw badOption(`the questions were left; run ${programName()} init again, or give flags`);
}

/** The models of a server, as it names them to the key of the environment; undefined where it does not. */
export function modelsAt(baseUrl: string, signal: AbortSignal): Promise<string[] | undefined> {
  return listModels(baseUrl, { apiKey: process.env.OPENAI_API_KEY, signal });
}

/** What decides on whether a command may spend. */
interface SpendRules extends Pick<RunFlags, "yes"> {
  model: ModelChoice;
  embeddings?: EmbeddingChoice;
  budget?: Budget;
}

/**
 * Says what a command is about to call and pay for, before its first call, and on a terminal asks whether it may; nobody is asked
 * with --yes or a budget, or where nothing is charged. Throws `bad-option` for a no.
 */
export function spendGuard(
  { yes = false, model, embeddings, budget }: SpendRules,
  { view, paying }: Pick<CommandContext, "view" | "paying">,
): BeforeCalls | undefined {
  if (paying) return paying.beforeCalls;
  const embeds = embeddings !== undefined && "name" in embeddings;
  if (isStandInChoice(model) && !embeds) return undefined;
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return async (expected) => {
    if (isStandInChoice(model) && expected.isFree) return;
    const lines = expectedCallsLines(expected, budget);
    if (isEndpoint(model) && model.baseUrl === undefined && !expected.isFree)
      lines.push(`  paid with the key in ${model.keyVariable ?? "OPENAI_API_KEY"}; --model offline costs nothing`);
    view.say(lines);
    if (!isTerminal || yes || budget || (expected.isFree && (expected.also?.isFree ?? true))) return;
    const isWanted = await view.holding(() =>
      confirm({ message: "Make these calls?", initialValue: false, output: process.stderr }),
    );
    if (isWanted !== true) throw badOption("nothing was called; --yes makes the calls, --budget 5 sets a ceiling");
  };
}
