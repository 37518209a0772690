import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags, type RunFlags } from "../flags.ts";

/** Checks this machine, the config and the model. */
export function define(command: Command, start: Start): void {
  command.argument("[documents...]", "files, folders or globs, where no config names them");
  addFlags(command, ["config", "to", "exemplars", "model", "baseUrl", "embeddings", "budget", "set"]);
  addMoreFlags(command, ["format", "retrieval", "redis", "postgres"]);
  command.addHelpText("after", "\nIt asks the model once or twice. Exit code 1: a run would stop there.");
  addExamples(command, "rag-instruct doctor", "rag-instruct doctor --base-url http://127.0.0.1:11434/v1 --model m");
  command.action((documents: string[], flags: RunFlags) =>
    start(async (context) => (await import("../doctor-command.ts")).doctorCommand(documents, flags, context)),
  );
}
