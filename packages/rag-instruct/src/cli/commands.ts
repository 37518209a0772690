import type { AnyCommand } from "./command.ts";

/** A command of the command line; its file is loaded when it is asked for. */
export interface CommandEntry {
  name: string;
  summary: string;
  /** A stage of `run`. */
  isStage?: true;
  load(): Promise<AnyCommand>;
}

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "look at your documents and write rag-instruct.config.ts",
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    name: "demo",
    summary: "the whole flow on documents that are here already, no key",
    load: async () => (await import("./commands/run.ts")).demo,
  },
  {
    name: "run",
    summary: "documents to training data: all of the stages",
    load: async () => (await import("./commands/run.ts")).run,
  },
  stage("ingest", "documents to passages"),
  stage("embed", "passages to vectors, for dense and hybrid retrieval"),
  stage("index", "passages to a search index"),
  stage("exemplars", "instructions to imitate, read and filtered"),
  stage("synthesize", "questions and answers, written by your model"),
  stage("assemble", "pairs with noise documents to training examples"),
  stage("export", "files for trainers"),
  stage("report", "report.html"),
  {
    name: "verify",
    summary: "prove pairs that exist already, by words or by a model",
    load: async () => (await import("./commands/verify.ts")).verify,
  },
  {
    name: "search",
    summary: "rank passages for a question, or for a file of questions",
    load: async () => (await import("./commands/search.ts")).search,
  },
  {
    name: "ask",
    summary: "a question answered from your documents, with its sources",
    load: async () => (await import("./commands/ask.ts")).ask,
  },
  {
    name: "worker",
    summary: "embed and make calls for runs elsewhere, over Redis",
    load: async () => (await import("./commands/worker.ts")).worker,
  },
  {
    name: "eval",
    summary: "measure a model on benchmarks",
    load: async () => (await import("./commands/eval.ts")).evaluation,
  },
  {
    name: "doctor",
    summary: "check this machine, the config and the model",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "completion",
    summary: "tab completion for bash, zsh and fish",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
];

function stage(name: keyof typeof import("./commands/stages.ts").stages, summary: string): CommandEntry {
  return { name, summary, isStage: true, load: async () => (await import("./commands/stages.ts")).stages[name] };
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
