import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags, type RunFlags } from "../flags.ts";
import { npx } from "../npx.ts";

/** The whole flow on your documents. */
export function define(command: Command, start: Start): void {
  command.argument("[documents...]", "files, folders or globs, where no config names them");
  addFlags(command, ["config", "to", "exemplars", "model", "baseUrl", "embeddings", "pairs", "budget", "set"]);
  command.option("--from <manifest>", "repeat the run that this manifest.json describes");
  command.option("--dry-run", "say what it would do, call and cost, and do nothing");
  addMoreFlags(command, [
    "paradigm",
    "language",
    "documents",
    "seed",
    "concurrency",
    "retrieval",
    "format",
    "filter",
    "verify",
    "batch",
    "benchmark",
    "redis",
    "postgres",
  ]);
  addExamples(
    command,
    "rag-instruct run handbook/ --exemplars alpaca.json --model gpt-4o-mini",
    "rag-instruct run --dry-run",
  );
  command.action((documents: string[], flags: RunFlags & { from?: string; dryRun?: boolean }) =>
    start(async (context) => {
      const { runCommand } = await import("../run-command.ts");
      return runCommand({ documents, flags, again: [`${npx()}rag-instruct run`, ...documents].join(" ") }, context);
    }),
  );
}
