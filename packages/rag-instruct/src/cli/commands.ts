import type { AnyCommand } from "./command.ts";

/** A command of the command line; its file is loaded when it is asked for. */
export interface CommandEntry {
  name: string;
  summary: string;
  load(): Promise<AnyCommand>;
  /** A stage of `run`. */
  isStage?: true;
}

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  entry("init", "look at your documents and write rag-instruct.config.ts", () => import("./commands/init.ts")),
  entry("demo", "the whole flow on documents that are here already, no key", () => import("./commands/run.ts")),
  entry("run", "documents to training data: all of the stages", () => import("./commands/run.ts")),
  stage("ingest", "documents to passages"),
  stage("embed", "passages to vectors, for dense and hybrid retrieval"),
  stage("index", "passages to a search index"),
  stage("exemplars", "instructions to imitate, read and filtered"),
  stage("synthesize", "questions and answers, written by your model"),
  stage("assemble", "pairs with noise documents to training examples"),
  stage("export", "files for trainers"),
  stage("report", "report.html"),
  entry("verify", "prove pairs that exist already, by words or by a model", () => import("./commands/verify.ts")),
  entry("search", "rank passages for a question, or for a file of questions", () => import("./commands/search.ts")),
  entry("ask", "a question answered from your documents, with its sources", () => import("./commands/ask.ts")),
  entry("worker", "embed and make calls for runs elsewhere, over Redis", () => import("./commands/worker.ts")),
  entry("eval", "measure a model on benchmarks", () => import("./commands/eval.ts")),
  entry("doctor", "check this machine, the config and the model", () => import("./commands/doctor.ts")),
  entry("completion", "tab completion for bash, zsh and fish", () => import("./commands/completion.ts")),
];

/** A command by the name under which its file exports it. */
function entry<N extends string>(
  name: N,
  summary: string,
  load: () => Promise<{ [Name in N]: AnyCommand }>,
): CommandEntry {
  return { name, summary, load: async () => (await load())[name] };
}

function stage(name: keyof typeof import("./commands/stages.ts").stages, summary: string): CommandEntry {
  return { name, summary, load: async () => (await import("./commands/stages.ts")).stages[name], isStage: true };
}

/** The help of the program itself: every command in a line, on one screen. */
export function rootHelp(): string {
  const lines = commands.map(
    ({ name, summary, isStage }) => `  ${isStage ? "  " : ""}${name.padEnd(isStage ? 11 : 13)}${summary}`,
  );
  return [
    "Usage: rag-instruct <command> [options]",
    "",
    ...lines,
    "",
    "Every command takes --help, --json and --debug; --version says which this is.",
    "Exit codes: 0 done, 1 error, 2 wrong command line or config, 130 interrupted.",
    "Start here: rag-instruct init",
    "",
  ].join("\n");
}
