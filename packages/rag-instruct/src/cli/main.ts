import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Command } from "commander";
import type { Config, DocumentFormatChoice } from "../config.ts";
import { version } from "../version.ts";
import type { EvalFlags } from "./evaluate.ts";
import { addModelFlags, addRunFlags, configOf, type RunFlags, wholeNumber } from "./flags.ts";
import { type CommandContext, complain, runToEnd } from "./to-end.ts";

const demoCard = {
  name: "RAG-Instruct demo",
  license: "apache-2.0",
  corpus: { name: "documentation of the AI SDK", license: "Apache-2.0", url: "https://github.com/vercel/ai" },
};

/** Runs the command line and gives the exit code: 0 done, 1 an error that says what to do, 130 interrupted. */
export async function main(argv: readonly string[]): Promise<number> {
  // The AI SDK would print its warnings between our lines.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  const program = new Command("rag-instruct")
    .description("From any corpus to instruction data that teaches a language model to use retrieved documents.")
    .version(version)
    .option("--debug", "show where an error comes from");
  const isDebug = () => program.opts<{ debug?: boolean }>().debug === true;
  let exitCode = 0;
  const start = async (command: (context: CommandContext) => Promise<string>) => {
    exitCode = await runToEnd(command, { debug: isDebug() });
  };

  addRunFlags(program.command("demo"), { to: "runs/demo" })
    .description("the whole flow on documentation that is already installed, with no key and no download")
    .action((flags: RunFlags) =>
      start(runCommand({ ...configOf(flags), corpus: { from: demoCorpus() }, card: demoCard }, "npm start --")),
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
    .action((documents: string[], flags: RunFlags & { format: DocumentFormatChoice; exemplars?: string }) => {
      const corpus = { from: documents, format: flags.format };
      const exemplars = flags.exemplars === undefined ? {} : { exemplars: flags.exemplars };
      return start(runCommand({ ...configOf(flags), corpus, ...exemplars }, `rag-instruct run ${documents.join(" ")}`));
    });

  addModelFlags(program.command("eval"))
    .description("measures a model on benchmarks, as the method's paper did")
    .argument("<benchmark=file...>", "benchmarks and their files")
    .option("--to <folder>", "folder of the report", "eval")
    .option(
      "--documents <number>",
      "paragraphs shown, from the file's own contexts; 0 asks closed-book",
      wholeNumber,
      10,
    )
    .option("--limit <number>", "questions of each benchmark", wholeNumber)
    .addHelpText(
      "after",
      "\nExample:\n  rag-instruct eval popqa=popqa.jsonl arc-challenge=ARC-Challenge-Test.jsonl --model m --base-url http://127.0.0.1:8000/v1\n",
    )
    .action((files: string[], flags: EvalFlags) =>
      start(async (context) => (await import("./evaluate.ts")).evaluateCommand(files, flags, context)),
    );

  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    return complain(error, { debug: isDebug() });
  }
  return exitCode;
}

function runCommand(config: Config, command: string): (context: CommandContext) => Promise<string> {
  return async ({ view, signal }) => {
    const [{ ragInstruct }, { describeRun }] = await Promise.all([import("../pipeline.ts"), import("./summary.ts")]);
    return describeRun(await ragInstruct(config, { ...view, signal }), { command });
  };
}

/** The documentation that the AI SDK's package carries. */
function demoCorpus(): string {
  return join(dirname(createRequire(import.meta.url).resolve("ai/package.json")), "docs");
}
