import { type Command, Option } from "commander";
import { addExamples, type Start } from "../command.ts";
import { wholeNumber } from "../flags.ts";
import type { WorkerFlags } from "../worker-command.ts";

/** Embeds and makes calls for runs elsewhere. */
export function define(command: Command, start: Start): void {
  command.addOption(new Option("--redis <url>", "Redis that the run has too").env("RAG_INSTRUCT_REDIS"));
  command.option("--concurrency <number>", "calls at the same time", wholeNumber, 64);
  command.option("--base-url <url...>", "servers to call in place of the run's own");
  command.option("--allow <url...>", "servers of runs that it may call, beside OpenAI's");
  command.option("--embeddings <model...>", "ONNX models that it embeds with, as runs name them");
  command.option("--key-variable <name...>", "variables whose keys it may use", ["OPENAI_API_KEY"]);
  addExamples(
    command,
    "rag-instruct worker --redis redis://10.0.0.5:6379",
    "rag-instruct worker \\",
    "    --base-url http://127.0.0.1:8000/v1 http://127.0.0.1:8001/v1",
    "rag-instruct worker --embeddings contriever-msmarco",
  );
  command.action((flags: WorkerFlags) =>
    start(async (context) => (await import("../worker-command.ts")).workerCommand(flags, context)),
  );
}
