import { resolve } from "node:path";
import { badOption, programName, shellWord } from "@rag-instruct/core";
import { isRunFolder, isThere, runHere } from "@rag-instruct/core/node";
import type { RunFlags } from "./command.ts";

/** What stands on a command line beside its flags: the run folder among it, and the rest. */
export interface Positionals {
  run: string | undefined;
  rest: string[];
}

/** Takes the run folder out of what a command line names. Throws `bad-option` where it names two. */
export async function takeRun(named: readonly string[], { to }: Pick<RunFlags, "to">): Promise<Positionals> {
  const rest: string[] = [];
  let run: string | undefined;
  for (const one of named) {
    if (!(await isRunFolder(one))) {
      rest.push(one);
      continue;
    }
    const other = run ?? to;
    if (other !== undefined && resolve(one) !== resolve(other))
      throw badOption(`${one} and ${other} are two run folders; name one of them`);
    run = one;
  }
  return { run, rest };
}

/**
 * The run folder of a command that takes one and no documents, as a positional or by `--to`. Throws `bad-option` for whatever else
 * is named, and for documents that `--set` gives.
 */
export async function onlyRun(
  command: string,
  named: readonly string[],
  { to, set = [] }: Pick<RunFlags, "to" | "set">,
): Promise<string | undefined> {
  refuseCorpus(command, set);
  const { run, rest } = await takeRun(named, { to });
  const [other] = rest;
  if (other === undefined) return run ?? to;
  // A run that a program made without the pipeline, or that was stopped before its first stage ended.
  if (rest.length === 1 && run === undefined && to === undefined && (await runHere(other))) return other;
  throw badOption(
    `${other} is no run folder; ${command} takes the folder of a run, and no documents: ${programName()} ${command} run`,
  );
}

/** The run folder and the question of a command that takes both, in any order. Throws `bad-option` for documents and for two questions. */
export async function runAndQuestion(
  command: string,
  named: readonly string[],
  { to, question: asked, set = [] }: Pick<RunFlags, "to" | "question" | "set">,
): Promise<{ run: string | undefined; question: string | undefined }> {
  if (asked !== undefined) return { run: to, question: asked };
  refuseCorpus(command, set);
  const { run, rest } = await takeRun(named, { to });
  for (const one of rest)
    if (await isThere(one))
      throw badOption(
        `${one} is neither a run folder nor a question; ${command} reads a run, which documents become by: ${programName()} index ${shellWord(one)}`,
      );
  const [question, second] = rest;
  if (second !== undefined) throw badOption(`"${question}" and "${second}" are two questions; quote one as a whole`);
  return { run, question };
}

function refuseCorpus(command: string, set: readonly string[]): void {
  const given = set.find((assignment) => /^corpus\b/.test(assignment));
  if (given === undefined) return;
  throw badOption(
    `--set ${given} names documents, and ${command} reads a run; make one of them first: ${programName()} index`,
  );
}
