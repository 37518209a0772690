import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, type InitFlags } from "../flags.ts";

/** Asks, or takes flags, and writes rag-instruct.config.ts. */
export function define(command: Command, start: Start): void {
  command.argument("[documents...]", "files, folders or globs; default: docs/, or the demo's");
  addFlags(command, ["to", "model", "baseUrl", "pairs", "exemplars", "language", "embeddings", "budget"]);
  command.option("-y, --yes", "ask nothing");
  command.option("-f, --force", "write over a config that is there");
  addExamples(
    command,
    "rag-instruct init",
    "rag-instruct init handbook/ --model gpt-4o-mini --budget 5",
    "rag-instruct init handbook/ --base-url http://127.0.0.1:11434/v1 --model m",
  );
  command.action((documents: string[], flags: InitFlags) =>
    start(async (context) => (await import("../init-command.ts")).initCommand(documents, flags, context)),
  );
}
