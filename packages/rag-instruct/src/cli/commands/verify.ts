import { join } from "node:path";
import { badOption, RagInstructError } from "@rag-instruct/core";
import { configSchema } from "../../config/schema.ts";
import { type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { shownPath } from "../note.ts";

const levels = configSchema.shape.verify.unwrap();

interface VerifyFlags extends RunFlags {
  level: string;
  output?: string;
}

/** Verifies pairs that exist already, of a run or of a file, and says how many are accepted, why the others are not, and where they are. */
export const verify: CommandDefinition<string | undefined, VerifyFlags> = {
  argument: ["[pairs]", "run folder, or file of pairs or examples; default those of the run"],
  flags: [
    flag("--level <level>", "lexical by words, judge by a call, proof by answers", { standard: "lexical" }),
    flag("--output <path>", 'what comes out; default "verified" in the run folder'),
    ...(["config", "to", "model", "benchmarks", "budget", "set"] as const),
  ],
  more: ["settings", "yes", "replace", "paradigms", "language", "concurrency", "seed"],
  examples: [
    "rag-instruct verify --level judge --model gpt-4o-mini --budget 5",
    "rag-instruct verify pairs.jsonl --output checked --benchmark popqa=popqa.jsonl",
  ],
  async run(given, { level: named, output, paradigms, ...flags }, { view, signal }) {
    const { data: level } = levels.safeParse(named);
    if (level === undefined) throw badOption(`--level ${named} is not one of ${levels.options.join(", ")}`);
    if (paradigms && paradigms.length > 1)
      throw badOption("--paradigm names one paradigm, for the records that name none");
    const actions = await import("../actions.ts");
    // No document is read: pairs bring theirs.
    const {
      run,
      rest: [file],
    } = await actions.takeRun(given === undefined ? [] : [given], flags);
    const settings =
      run === undefined ? actions.readSettings({ flags, needsDocuments: false }) : actions.readRunSettings(run, flags);
    const known = await settings;
    const { exemplars: _, ...config } = known;
    const inRun = (name: string) => join(config.to, name);
    const pairs = file ?? inRun("pairs.jsonl");
    if (file !== undefined && (await actions.isFolder(file)))
      throw badOption(`${file} is a folder, and no run; verify takes a run, or a file of pairs`);
    if (!(await actions.isThere(pairs)))
      throw new RagInstructError(
        "file-missing",
        `${pairs} is not there; name a file of pairs, or a run folder with --to`,
      );
    const summary = await actions.runVerification(
      {
        ...config,
        pairs,
        level,
        paradigm: paradigms?.[0],
        to: output ?? inRun("verified"),
        // A run's pairs share its replies and its budget.
        ledger: file === undefined ? inRun("ledger.jsonl") : undefined,
        exemplars: file === undefined ? inRun("exemplars.jsonl") : undefined,
        of: (await actions.isRunFolder(config.to)) ? known : undefined,
      },
      {
        onProgress: view.onProgress,
        signal,
        beforeCalls: actions.spendGuard({ ...config, yes: flags.yes }, { view }),
        replace: actions.replaceOf(flags),
      },
    );
    const { stop } = summary;
    const text = [
      ...actions.verificationLines(summary, level),
      ...summary.files.map((file) => `  ${shownPath(file)}`),
      "",
    ].join("\n");
    return { text: stop ? `${text}\n${actions.budgetStopLine(stop)}\n` : text, json: summary };
  },
};
