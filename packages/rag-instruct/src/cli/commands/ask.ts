import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags, type RunFlags } from "../flags.ts";

/** Answers a question from the corpus and shows the sources. */
export function define(command: Command, start: Start): void {
  command.argument("<question>", "what you want to know");
  addFlags(command, ["config", "to", "model", "baseUrl", "documents", "embeddings", "retrieval", "set"]);
  addMoreFlags(command, ["format", "postgres"]);
  addExamples(
    command,
    "rag-instruct ask 'Who signs for travel?' --model rag-instruct-8b \\",
    "    --base-url http://127.0.0.1:8000/v1",
    "rag-instruct ask 'Who signs for travel?' --documents 5 --json",
  );
  command.action((question: string, flags: RunFlags) =>
    start(async (context) => (await import("../ask-command.ts")).askCommand(question, flags, context)),
  );
}
