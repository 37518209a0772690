import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import type { EvalFlags } from "../evaluate-command.ts";
import { addFlags, wholeNumber } from "../flags.ts";

/** Measures a model on benchmarks, as the method's paper did. */
export function define(command: Command, start: Start): void {
  command.argument("<benchmark=file...>", "benchmarks and their files");
  addFlags(command, ["model", "baseUrl", "concurrency", "redis"]);
  command.option("--to <folder>", "folder of the report", "eval");
  command.option("--documents <number>", "paragraphs shown, from the file; 0 asks closed-book", wholeNumber, 10);
  command.option("--limit <number>", "questions of each benchmark", wholeNumber);
  command.option("--against <model>", "another model, compared question by question");
  command.option("--against-url <url>", "where it is served; default --base-url");
  addExamples(
    command,
    "rag-instruct eval popqa=popqa.jsonl arc-challenge=ARC-Challenge-Test.jsonl \\",
    "    --model m --base-url http://127.0.0.1:8000/v1",
    "rag-instruct eval popqa=popqa.jsonl --model trained --against base \\",
    "    --base-url http://127.0.0.1:8000/v1 --against-url http://127.0.0.1:8001/v1",
  );
  command.action((files: string[], flags: EvalFlags) =>
    start(async (context) => (await import("../evaluate-command.ts")).evaluateCommand(files, flags, context)),
  );
}
