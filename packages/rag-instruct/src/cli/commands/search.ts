import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags, type SearchFlags, wholeNumber } from "../flags.ts";

/** Ranks passages for one question, or for a file of questions as the original's retriever does. */
export function define(command: Command, start: Start): void {
  command.argument("[question]", "one question");
  command.option("--input <file>", "JSON or JSONL records with `question` or `instruction`");
  command.option("--output <file>", "where the records with their `ctxs` go; default here");
  command.option("--n-docs <number>", "depth of a ranking; default 10, with --input 250", wholeNumber);
  addFlags(command, ["config", "to", "embeddings", "retrieval", "set"]);
  addMoreFlags(command, ["format", "postgres"]);
  addExamples(
    command,
    "rag-instruct search 'Who signs for travel?'",
    "rag-instruct search 'Who signs for travel?' --json --n-docs 3",
    "rag-instruct search --input questions.jsonl --n-docs 250 > with-ctxs.jsonl",
  );
  command.action((question: string | undefined, flags: SearchFlags) =>
    start(async (context) => (await import("../search-command.ts")).searchCommand(question, flags, context)),
  );
}
