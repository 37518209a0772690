import type { AnyCommand } from "./command.ts";

/**
 * What a command may do. One that makes may spend and writes into a run. One that looks asks no model for data, embeds and ingests
 * nothing, and changes neither the run nor its settings. One that gives out writes what is made for others, and never spends.
 */
type CommandKind = "make" | "look" | "give out";

/** A command of the command line; its file is loaded when it is asked for. */
export interface CommandEntry {
  name: string;
  summary: string;
  kind: CommandKind;
  load(): Promise<AnyCommand>;
  /** A stage of `run`. */
  isStage?: true;
  /** The command in whose line of the program's help it stands, and what is said of it there. */
  beside?: readonly [command: string, words: string];
}

const outputs = () => import("./commands/outputs.ts");
const runs = () => import("./commands/status.ts");
const views = () => import("./commands/view.ts");
const searches = () => import("./commands/search.ts");

/** Makes commands of a kind, each by the name under which its file exports it. */
const entryOf =
  (kind: CommandKind) =>
  <N extends string>(
    name: N,
    summary: string,
    load: () => Promise<{ [Name in N]: AnyCommand }>,
    beside?: CommandEntry["beside"],
  ): CommandEntry => ({ name, summary, kind, beside, load: async () => (await load())[name] });
const [make, look, giveOut] = [entryOf("make"), entryOf("look"), entryOf("give out")];

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  make("init", "look at your documents and write rag-instruct.config.ts", () => import("./commands/init.ts")),
  make("demo", "the whole flow on documents that are here already, no key", () => import("./commands/run.ts")),
  make("preview", "a pair of each paradigm, with prompt, reply and checks", () => import("./commands/preview.ts")),
  make("run", "documents to training data: all of the stages", () => import("./commands/run.ts")),
  stage("ingest", "documents to passages"),
  stage("embed", "passages to vectors, for dense and hybrid retrieval"),
  stage("index", "passages to all that search and ask read"),
  stage("exemplars", "instructions to imitate, read and filtered"),
  stage("synthesize", "questions and answers, written by your model"),
  stage("assemble", "pairs with noise documents to training examples"),
  make("verify", "prove pairs that exist already, by words or by a model", () => import("./commands/verify.ts")),
  make("eval", "measure a model on benchmarks", () => import("./commands/eval.ts")),
  make("worker", "embed and make calls for runs elsewhere, over Redis", () => import("./commands/worker.ts")),
  look("status", "how a run stands, what the next makes again", runs),
  look("diff", "two runs: settings, counts, reasons, cost, pairs", runs, ["status", "two runs compared"]),
  look("view", "watch and review runs in the browser", views),
  look("reviews", "what people decided, to and from other tools", views, ["view", "decisions of other tools"]),
  look("calibrate", "how far a model's verdicts and people's reviews agree", views),
  look("report", "what a run came to, finished or not, as report.html", outputs),
  look("search", "rank passages for questions", searches),
  look("ask", "your model answers a question from documents", searches, ["search", "answer one (ask asks your model)"]),
  look("mcp", "a run as tools for agents and editors (MCP), over stdio", () => import("./commands/mcp.ts")),
  look("doctor", "check this machine, the config and the model", () => import("./commands/doctor.ts")),
  look("completion", "tab completion for bash, zsh and fish", () => import("./commands/completion.ts")),
  giveOut("export", "files for trainers, of a run's examples", outputs),
  giveOut("push", "what a run has given out, as a data set on a hub", outputs, ["export", "the same on a hub"]),
  giveOut("split", "parts that share no document", outputs),
  giveOut("recipe", "a folder that trains a model on a run", outputs, ["split", "a folder that trains a model"]),
];

function stage(name: keyof typeof import("./commands/stages.ts").stages, summary: string): CommandEntry {
  const load = async () => (await import("./commands/stages.ts")).stages[name];
  return { name, summary, kind: "make", load, isStage: true };
}

/** What a kind of command may do, as help says it. */
export const headings: Readonly<Record<CommandKind, string>> = {
  make: "Make: may spend, and writes into a run",
  look: "Look: makes no data, embeds no document, changes no stage and no setting",
  "give out": "Give out: never spends",
};

/** The help of the program itself, on one screen: every command in a line, but the stages of `run` in one together. */
export function rootHelp(): string {
  const stages = commands.filter(({ isStage }) => isStage).map(({ name }) => name);
  const lineOf = ({ name, summary }: CommandEntry) => {
    const others = commands.filter(({ beside }) => beside?.[0] === name);
    const names = [name, ...others.map((other) => other.name)].join(", ");
    const words = [summary, ...others.map(({ beside }) => beside![1])].join("; ");
    return [`  ${names.padEnd(15)}${words}`, ...(name === "run" ? [`    ${stages.join(", ")}: one of them`] : [])];
  };
  const groups = (Object.keys(headings) as CommandKind[]).flatMap((kind) => [
    headings[kind],
    ...commands.filter(({ kind: its, isStage, beside }) => its === kind && !isStage && !beside).flatMap(lineOf),
  ]);
  return [
    "Usage: rag-instruct <command> [options]       start here: rag-instruct init",
    ...groups,
    "Every command takes --help, --json and --debug; -v says which version this is.",
    "Exit codes: 0 done, 1 error, 2 wrong command line or config, 130 interrupted.",
    "",
  ].join("\n");
}
