import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags } from "../flags.ts";
import type { VerifyFlags } from "../verify-command.ts";

/** Verifies pairs that exist already, of a run or of a file. */
export function define(command: Command, start: Start): void {
  command.argument("[pairs]", "file of pairs or training examples; default those of the run folder");
  command.option("--level <level>", "lexical by words, judge by a call, proof by answers", "lexical");
  command.option("--output <folder>", 'what comes out; default "verified" in the run folder');
  addFlags(command, ["config", "to", "model", "baseUrl", "benchmark", "budget", "set"]);
  addMoreFlags(command, ["paradigm", "language", "concurrency", "seed"]);
  addExamples(
    command,
    "rag-instruct verify --level judge --model gpt-4o-mini --budget 5",
    "rag-instruct verify pairs.jsonl --output checked --benchmark popqa=popqa.jsonl",
  );
  command.action((pairs: string | undefined, flags: VerifyFlags) =>
    start(async (context) => (await import("../verify-command.ts")).verifyCommand(pairs, flags, context)),
  );
}
