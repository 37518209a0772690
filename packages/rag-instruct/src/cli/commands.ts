import type { CommandModule } from "./command.ts";

/** A command of the command line; its file is loaded when it is asked for. */
export interface CommandEntry {
  name: string;
  summary: string;
  /** A stage of `run`. */
  isStage?: true;
  load(): Promise<CommandModule>;
}

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "look at your documents and write rag-instruct.config.ts",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "demo",
    summary: "the whole flow on documents that are here already, no key",
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "run",
    summary: "documents to training data: all of the stages",
    load: () => import("./commands/run.ts"),
  },
  { name: "ingest", summary: "documents to passages", isStage: true, load: () => import("./commands/ingest.ts") },
  {
    name: "embed",
    summary: "passages to vectors, for dense and hybrid retrieval",
    isStage: true,
    load: () => import("./commands/embed.ts"),
  },
  { name: "index", summary: "passages to a search index", isStage: true, load: () => import("./commands/index.ts") },
  {
    name: "exemplars",
    summary: "instructions to imitate, read and filtered",
    isStage: true,
    load: () => import("./commands/exemplars.ts"),
  },
  {
    name: "synthesize",
    summary: "questions and answers, written by your model",
    isStage: true,
    load: () => import("./commands/synthesize.ts"),
  },
  {
    name: "assemble",
    summary: "pairs with noise documents to training examples",
    isStage: true,
    load: () => import("./commands/assemble.ts"),
  },
  { name: "export", summary: "files for trainers", isStage: true, load: () => import("./commands/export.ts") },
  { name: "report", summary: "report.html", isStage: true, load: () => import("./commands/report.ts") },
  {
    name: "verify",
    summary: "prove pairs that exist already, by words or by a model",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "search",
    summary: "rank passages for a question, or for a file of questions",
    load: () => import("./commands/search.ts"),
  },
  {
    name: "ask",
    summary: "a question answered from your documents, with its sources",
    load: () => import("./commands/ask.ts"),
  },
  {
    name: "worker",
    summary: "embed and make calls for runs elsewhere, over Redis",
    load: () => import("./commands/worker.ts"),
  },
  { name: "eval", summary: "measure a model on benchmarks", load: () => import("./commands/eval.ts") },
  {
    name: "doctor",
    summary: "check this machine, the config and the model",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "completion",
    summary: "tab completion for bash, zsh and fish",
    load: () => import("./commands/completion.ts"),
  },
];
