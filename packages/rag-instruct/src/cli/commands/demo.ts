import type { Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { addFlags, addMoreFlags, type RunFlags } from "../flags.ts";
import { npx } from "../npx.ts";

/** The whole flow on documents that are here already. */
export function define(command: Command, start: Start): void {
  command.option("--to <folder>", 'run folder; default "runs/demo"');
  addFlags(command, ["model", "baseUrl", "pairs", "paradigm", "documents", "seed", "budget", "set"]);
  addMoreFlags(command, ["language", "concurrency", "embeddings", "retrieval", "exemplars"]);
  addExamples(command, "rag-instruct demo", "rag-instruct demo --base-url http://127.0.0.1:11434/v1 --model llama3.1");
  command.action((flags: RunFlags) =>
    start(async (context) => {
      const [{ runCommand }, { demoCard, demoCorpus }] = await Promise.all([
        import("../run-command.ts"),
        import("../../demo/corpus.ts"),
      ]);
      // In a clone of the repository it is started by a script.
      const again = process.env.npm_lifecycle_event === "demo" ? "npm start --" : `${npx()}rag-instruct demo`;
      const between = { card: demoCard, corpus: { from: demoCorpus() } };
      return runCommand({ documents: [], flags, between, to: "runs/demo", again, isAlone: true }, context);
    }),
  );
}
