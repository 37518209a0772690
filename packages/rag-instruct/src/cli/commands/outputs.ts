import { join } from "node:path";
import { amount, numberText } from "@rag-instruct/core";
import { countsText, type StageResult } from "@rag-instruct/core/node";
import { type Answer, type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { shownPath } from "../note.ts";

const argument = ["[run...]", "run folder; default that of the config"] as const;

/** Looks at a run as it stands. */
export const report: CommandDefinition<string[]> = {
  argument,
  flags: ["config", "to"],
  note: "It writes report.html and its figures, of a run that is not finished too.\nNo document is read and no model is called.",
  examples: ["rag-instruct report", "rag-instruct report runs/march"],
  async run(named, flags, { view, signal }) {
    const { knownSettings, onlyRun, readRunSettings, reportRun } = await import("../actions.ts");
    const run = await onlyRun("report", named, flags);
    const to = run ?? (await readRunSettings(run, flags)).to;
    const result = await reportRun(to, { config: await knownSettings(to, flags), signal });
    view.onStage(result);
    return answer(result, { to, place: "report.html" });
  },
};

/** Gives a run's training examples out. */
const exported: CommandDefinition<string[]> = {
  argument,
  flags: ["config", "to", "set"],
  more: ["onlyAccepted", "replace"],
  note: "It gives out what the run has made, and never makes or pays for more.",
  examples: [
    "rag-instruct export",
    `rag-instruct export --set 'exports=["messages","parquet"]'`,
    "rag-instruct export runs/march",
  ],
  async run(named, flags, { view, signal }) {
    const { exportRun, onlyRun, readRunSettings, replaceOf } = await import("../actions.ts");
    const config = await readRunSettings(await onlyRun("export", named, flags), flags);
    const { onlyAccepted } = flags;
    const options = { signal, onProgress: view.onProgress, replace: replaceOf(flags), onlyAccepted };
    const result = await exportRun(config, options);
    view.onStage(result);
    return answer(result, { to: config.to, place: "exports/" });
  },
};

function answer(result: StageResult, { to, place }: { to: string; place: string }): Answer {
  const files = [`${shownPath(to)}/${place}`];
  return { text: `${countsText(result.counts)}: ${files.join(", ")}\n`, json: { to, files, stages: [result] } };
}

// An export cannot be named so where it is declared.
export { exported as export };

interface PushFlags extends RunFlags {
  repo: string;
  public?: boolean;
}

/** Publishes what a run has given out. */
export const push: CommandDefinition<string[], PushFlags> = {
  argument,
  flags: [
    flag("--repo <owner/name>", "data set of the Hugging Face hub").makeOptionMandatory(),
    flag("--public", "a new data set is for everyone; private otherwise"),
    ...(["dryRun", "config", "to"] as const),
  ],
  note: "It sends what the hub lacks of exports/, in one commit, by the token in\nHF_TOKEN, to the hub at HF_ENDPOINT where that is set.",
  examples: [
    "rag-instruct push runs/march --repo me/handbook --dry-run",
    "HF_TOKEN=… rag-instruct push runs/march --repo me/handbook",
  ],
  async run(named, flags, { view: { onProgress }, signal }) {
    const [{ onlyRun, readRunSettings }, { pushToHub }] = await Promise.all([
      import("../actions.ts"),
      import("@rag-instruct/format"),
    ]);
    const { repo, dryRun } = flags;
    const { to } = await readRunSettings(await onlyRun("push", named, flags), flags);
    const visibility = flags.public ? "public" : "private";
    const report = await pushToHub({ folder: join(to, "exports"), repo, visibility, dryRun, onProgress, signal });
    const { url, created, uploaded, unchanged, leftOut } = report;
    const what = `${amount(uploaded.length, "file")} of ${shownPath(to)}/exports${dryRun ? " would be" : ""} sent to ${url}`;
    const made = created ? `, made now and ${visibility}` : "";
    const same = unchanged.length > 0 ? `; ${numberText(unchanged.length)} there already` : "";
    const left =
      leftOut.length > 0 ? `not sent, since the last export did not write them: ${leftOut.join(", ")}\n` : "";
    return { text: `${what}${made}${same}\n${left}`, json: report };
  },
};

interface SplitFlags extends RunFlags {
  shares?: string[];
  keepApart: "all" | "sources";
  near: number;
  output?: string;
  seed?: number;
}

/** Divides the training examples of a run into parts that share no document and no question. */
export const split: CommandDefinition<string[], SplitFlags> = {
  argument,
  flags: [
    flag("--shares <name=share,...>", "default train=0.9,validation=0.05,test=0.05"),
    flag("--keep-apart <what>", "documents that no two parts share", { standard: "all" }).choices(["all", "sources"]),
    flag("--near <decimal>", "likeness from which questions count as one", { standard: 0.7 }),
    flag("--output <path>", 'folder of the parts; default "splits" in the run folder'),
    ...(["config", "to", "seed"] as const),
    flag("--replace", "write over other parts that are there"),
    "onlyAccepted",
  ],
  note: "eval --run measures a model on the part that is called test.",
  examples: ["rag-instruct split runs/march", "rag-instruct split --shares train=0.8,test=0.2 --keep-apart sources"],
  async run(named, flags, { view, signal }) {
    const [{ sharesOf, writeSplits }, { readReviews }] = await Promise.all([
      import("@rag-instruct/format"),
      import("@rag-instruct/core/node"),
    ]);
    const { to, seed } = await examplesOf("split", named, flags);
    const folder = flags.output ?? join(to, "splits");
    const report = await writeSplits({
      from: join(to, "train.jsonl"),
      to: folder,
      shares: flags.shares && sharesOf(flags.shares),
      documents: flags.keepApart,
      reviews: await readReviews(to),
      onlyAccepted: flags.onlyAccepted,
      nearQuestion: flags.near,
      seed,
      overwrite: flags.replace,
      onProgress: view.onProgress,
      signal,
    });
    const parts = Object.entries(report.counts).map(([name, size]) => `${numberText(size)} ${name}`);
    return { text: `${parts.join(", ")}: ${shownPath(folder)}/\n`, json: { to: folder, ...report } };
  },
};

interface RecipeFlags extends RunFlags {
  framework: import("@rag-instruct/format").Framework;
  base: string;
  output?: string;
  learningRate?: number;
  epochs?: number;
  processes?: number;
  perDevice?: number;
  accumulation?: number;
  maxLength?: number;
  long?: "cut" | "drop";
  layouts?: "example" | "epoch";
  family?: string;
  tokenizer?: string;
}

/** Writes a folder that trains a model on a run, with nothing left to edit. */
export const recipe: CommandDefinition<string[], RecipeFlags> = {
  argument,
  flags: [
    flag("--framework <name>", "trl, accelerate-deepspeed, axolotl or llama-factory", { standard: "trl" }),
    flag("--base <model>", "hub id or folder of the model to train").makeOptionMandatory(),
    flag("--output <path>", 'folder of the recipe; default "recipes/<name>" in the run'),
    ...(["config", "to"] as const),
    flag("--replace", "write over a recipe that is there"),
    "onlyAccepted",
  ],
  more: [
    flag("--learning-rate <decimal>", "default that of the method, 0.000005"),
    flag("--epochs <number>", "default that of the method, 3"),
    flag("--processes <number>", "devices that train together; default 8"),
    flag("--per-device <number>", "examples of a device at once; default 2"),
    flag("--accumulation <number>", "batches that make a step; default 16"),
    flag("--max-length <number>", "tokens of an example at most; default 4096"),
    flag("--long <way>", "cut documents of longer examples, or drop these").choices(["cut", "drop"]),
    flag("--layouts <kind>", "a layout of each example, or of every epoch").choices(["example", "epoch"]),
    flag("--family <name>", "family whose chat template a base gets"),
    flag("--tokenizer <folder>", "model to cut documents by, where no trainer does"),
  ],
  note: "Its data are the train part of the run's splits, else all examples. It trains\nnothing and calls nothing.",
  examples: ["rag-instruct recipe runs/march --base meta-llama/Llama-3.1-8B-Instruct"],
  async run(named, flags, context) {
    const [{ describeLengths, openTokenizer, readExamples, runParts, writeTrainingRecipe }, { readReviews }] =
      await Promise.all([import("@rag-instruct/format"), import("@rag-instruct/core/node")]);
    const { framework: asked, base, onlyAccepted, long, layouts, family, tokenizer } = flags;
    const { learningRate, epochs, processes, perDevice, accumulation, maxLength } = flags;
    // Its launcher alone is named after the package.
    const framework = (asked as string) === "accelerate" ? "accelerate-deepspeed" : asked;
    const { to, documents } = await examplesOf("recipe", named, flags);
    const { train: from = join(to, "train.jsonl") } = (await runParts(to)) ?? {};
    const folder = flags.output ?? join(to, "recipes", framework);
    const given = { learningRate, epochs, processes, perDevice, accumulation, maxTokens: maxLength };
    const settings = Object.entries(given).filter(([, value]) => value !== undefined);
    const report = await writeTrainingRecipe({
      framework,
      model: base,
      examples: readExamples(from, { reviews: await readReviews(to), onlyAccepted, signal: context.signal }),
      to: folder,
      documents,
      settings: Object.fromEntries(settings),
      tokenizer: tokenizer === undefined ? undefined : await openTokenizer(tokenizer),
      long,
      layouts,
      family,
      overwrite: flags.replace,
      onProgress: context.view.onProgress,
      signal: context.signal,
    });
    const text = `${amount(report.data.examples, "example")} of ${shownPath(from)}: ${shownPath(folder)}/\n${describeLengths(report.data)}Train there with: ${report.launch}\n`;
    return { text, json: { to: folder, from, ...report } };
  },
};

/** The run of a command that gives out its examples. Throws `file-missing` where it has none. */
async function examplesOf(command: string, named: readonly string[], flags: RunFlags) {
  const { asMade, onlyRun, readRunSettings, requireExamples } = await import("../actions.ts");
  const run = await onlyRun(command, named, flags);
  const { to, seed, documents } = await asMade(await readRunSettings(run, flags));
  await requireExamples(to);
  return { to, seed, documents };
}
