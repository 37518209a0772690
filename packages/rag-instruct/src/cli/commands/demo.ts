import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags, type RunFlags } from "../flags.ts";

/** The whole flow on documents that are here already. */
export function define(command: Command, start: Start): void {
  addFlags(command, ["to", "model", "baseUrl", "pairs", "paradigm", "documents", "seed", "budget", "set"]);
  addMoreFlags(command, ["language", "concurrency", "embeddings", "retrieval", "exemplars"]);
  addExamples(command, "rag-instruct demo", "rag-instruct demo --base-url http://127.0.0.1:11434/v1 --model llama3.1");
  command.action((flags: RunFlags) =>
    start(async (context) => {
      const [{ runCommand }, { demoCard, demoCorpus }] = await Promise.all([
        import("../run-command.ts"),
        import("../../demo/corpus.ts"),
      ]);
      const between = { card: demoCard, corpus: { from: demoCorpus() } };
      return runCommand(
        { documents: [], flags, between, to: "runs/demo", again: "npm start --", isAlone: true },
        context,
      );
    }),
  );
}
