import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { Command } from "commander";
import type { Config, DocumentFormatChoice } from "../config.ts";
import { ragInstruct } from "../pipeline.ts";
import { version } from "../version.ts";
import { addRunFlags, configOf, type RunFlags } from "./flags.ts";
import { createProgressView } from "./progress.ts";
import { describeRun } from "./summary.ts";

const interrupted = 130;

const demoCard = {
  name: "RAG-Instruct demo",
  license: "apache-2.0",
  corpus: { name: "documentation of the AI SDK", license: "Apache-2.0", url: "https://github.com/vercel/ai" },
};

/** Runs the command line and gives the exit code: 0 done, 1 an error that says what to do, 130 interrupted. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("rag-instruct")
    .description("From any corpus to instruction data that teaches a language model to use retrieved documents.")
    .version(version)
    .option("--debug", "show where an error comes from");
  let exitCode = 0;
  const run = async (config: Config, command: string) => {
    exitCode = await runToEnd(config, { command, debug: program.opts<{ debug?: boolean }>().debug === true });
  };

  addRunFlags(program.command("demo"), { to: "runs/demo" })
    .description("the whole flow on documentation that is already installed, with no key and no download")
    .action((flags: RunFlags) =>
      run({ ...configOf(flags), corpus: { from: demoCorpus() }, card: demoCard }, "npm start --"),
    );

  addRunFlags(program.command("run"), { to: "run" })
    .description("the whole flow on your documents")
    .argument("<documents...>", "files, folders or globs")
    .option("--format <name>", "format of the documents, where it cannot be told", "auto")
    .option("--exemplars <file>", "JSON or JSONL file with instructions to imitate")
    .addHelpText(
      "after",
      "\nExample:\n  rag-instruct run handbook/ --exemplars alpaca.json --pairs 200 --model gpt-4o-mini\n",
    )
    .action((documents: string[], flags: RunFlags & { format: DocumentFormatChoice; exemplars?: string }) =>
      run(
        {
          ...configOf(flags),
          corpus: { from: documents, format: flags.format },
          ...(flags.exemplars === undefined ? {} : { exemplars: flags.exemplars }),
        },
        `rag-instruct run ${documents.join(" ")}`,
      ),
    );

  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    return complain(error, program.opts<{ debug?: boolean }>().debug === true);
  }
  return exitCode;
}

async function runToEnd(config: Config, { command, debug }: { command: string; debug: boolean }): Promise<number> {
  const controller = new AbortController();
  const stop = () => controller.abort(new DOMException("interrupted", "AbortError"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const view = createProgressView(process.stderr);
  try {
    const summary = await ragInstruct(config, { ...view, signal: controller.signal });
    process.stdout.write(describeRun(summary, { command }));
    return 0;
  } catch (error) {
    view.clear();
    if (!controller.signal.aborted) return complain(error, debug);
    process.stderr.write("Stopped. Nothing is lost: run the same command again to go on from here.\n");
    return interrupted;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

function complain(error: unknown, debug: boolean): number {
  const known = RagInstructError.is(error);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message.replace(/\s+/g, " ")}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (!known) process.stderr.write("This should not have happened; --debug shows where it comes from.\n");
  return 1;
}

/** The documentation that the AI SDK's package carries. */
function demoCorpus(): string {
  return join(dirname(createRequire(import.meta.url).resolve("ai/package.json")), "docs");
}
