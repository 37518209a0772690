import { badOption, programName, RagInstructError, shellWord } from "@rag-instruct/core";
import type { benchmarkTemplates, PublishedVersion, samplings } from "@rag-instruct/eval";
import { isEndpoint, isStandInChoice, type ModelChoice } from "../../config/model-choice.ts";
import { type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { note, shownPath } from "../note.ts";

interface EvalFlags extends RunFlags {
  output?: string;
  nDocs: number;
  concurrency?: number;
  limit?: number;
  published?: boolean;
  publishedTable?: PublishedVersion;
  sampling?: keyof typeof samplings;
  template?: string;
  prompts?: string;
  chatTemplate?: string;
  retriever?: string;
  against?: string;
  againstUrl?: string;
}

const layouts = ["training", "response", "published", "published-plain"] satisfies (keyof typeof benchmarkTemplates)[];

/** Measures a model on benchmarks, as the method's paper did, and says where the report is. */
const evaluation: CommandDefinition<string[], EvalFlags> = {
  argument: ["[benchmark=file...]", "benchmarks and their files, or a run"],
  flags: [
    "model",
    flag("--to <folder>", "run, also --run, whose held-out examples are asked"),
    flag("--output <path>", "folder of the report; default eval"),
    flag("--n-docs <number>", "documents of a question; 0 asks closed-book", { standard: 10 }),
    flag("--retriever <run>", "run folder that finds them; default the file's own"),
    flag("--limit <number>", "questions of each benchmark"),
    flag("--published", "ask as the published evaluation did"),
    flag("--against <model>", "another model, compared question by question"),
  ],
  more: [
    flag("--against-url <url>", "where --against is served; default --base-url"),
    flag("--sampling <name>", "how answers are drawn").choices(["greedy", "published"]),
    flag("--template <name>", "how a prompt is laid out").choices(layouts),
    flag("--prompts <file>", "JSON with a template a benchmark"),
    flag("--chat-template <folder>", "folder of the tokenizer: raw completions; or none"),
    flag("--published-table <day>", "which table to compare with").choices(["2025-01-06", "2025-01-09"]),
    ...(["yes", "concurrency", "redis", "settings"] as const),
  ],
  examples: [
    "rag-instruct eval popqa=eval_data.json --published --model ./tuned \\",
    "    --base-url http://127.0.0.1:30000/v1",
    "rag-instruct eval --run runs/march --model trained --against base",
  ],
  async run(given, flags, { view, signal, commandLine }) {
    const actions = await import("../actions.ts");
    const model = actions.modelOf(flags);
    const other = otherFlags(flags, model);
    if (isStandInChoice(model))
      throw badOption("name the model to measure: --model, and --base-url for a server of your own");
    const asked = await whatIsAsked(given, flags);
    for (const id of Object.keys(asked.benchmarks)) actions.findBenchmark(id);
    const benchmarks = Object.entries(await actions.benchmarkFiles(asked.benchmarks));
    await using retriever = flags.retriever === undefined ? undefined : await openRetrieverOf(flags.retriever, signal);
    const { summaries, comparisons, files } = await actions.runEvaluation(
      {
        ...flags,
        benchmarks,
        model,
        against: other && actions.modelOf(other),
        settings: actions.settingsOf(flags),
        to: flags.output ?? asked.reportFolder ?? "eval",
        documents: flags.nDocs,
        template: flags.prompts ?? flags.template,
        retriever,
        command: commandLine,
      },
      { onProgress: view.onProgress, signal, beforeCalls: actions.spendGuard({ yes: flags.yes, model }, { view }) },
    );
    const lines = [...summaries.map(actions.describeBenchmark), ...comparisons.map(actions.describeComparison)];
    const text = `${lines.join("\n")}\n\n  report  ${shownPath(files.html)} (and .md, .csv, .json)\n`;
    return { text, json: { benchmarks: summaries, comparisons, files } };
  },
};

/** The benchmarks that are named; of a run its held-out examples. `--to` was once the folder of the report, and still is, with a note. */
async function whatIsAsked(
  given: readonly string[],
  { to }: RunFlags,
): Promise<{ benchmarks: Record<string, string[]>; reportFolder?: string }> {
  const { benchmarksOf, isRunFolder, isThere, takeRun } = await import("../actions.ts");
  const isRun = to !== undefined && (await isRunFolder(to));
  const named = await takeRun(given, { to: isRun ? to : undefined });
  const run = named.run ?? (isRun ? to : undefined);
  const benchmarks: Record<string, string[]> = {};
  for (const one of named.rest) {
    const pair = /^[\w-]+=/.test(one) || !(await isThere(one)) ? one : `held-out=${one}`;
    for (const [id, files] of Object.entries(benchmarksOf([pair])))
      benchmarks[id] = [...(benchmarks[id] ?? []), ...files];
  }
  if (run !== undefined) benchmarks["held-out"] = [...(benchmarks["held-out"] ?? []), await testPartOf(run)];
  if (Object.keys(benchmarks).length === 0)
    throw badOption(
      "name benchmarks with their files, such as popqa=popqa.jsonl, or a run whose held-out examples are asked",
    );
  if (to === undefined || isRun) return { benchmarks };
  note(`--to names a run; the folder of the report is --output ${shellWord(to)}, and taken so`);
  return { benchmarks, reportFolder: to };
}

async function testPartOf(run: string): Promise<string> {
  const { runParts } = await import("@rag-instruct/format");
  const { test } = (await runParts(run)) ?? {};
  if (test !== undefined) return test;
  throw new RagInstructError(
    "file-missing",
    `${run} has no held-out examples; make them with: ${programName()} split ${shellWord(run)}, and train on its train part`,
  );
}

async function openRetrieverOf(run: string, signal: AbortSignal) {
  const { openRunRetriever, readRunSettings } = await import("../actions.ts");
  const retriever = await openRunRetriever(await readRunSettings(run, {}), { signal });
  return { ...retriever, id: run };
}

/** The flags of the model to compare with; at the address of the first where it has none of its own. */
function otherFlags({ against, againstUrl, baseUrl }: EvalFlags, model: ModelChoice): RunFlags | undefined {
  if (against === undefined && againstUrl === undefined) return undefined;
  const name = against ?? (isEndpoint(model) ? model.name : undefined);
  return { model: name || undefined, baseUrl: againstUrl || baseUrl || undefined };
}

// A function cannot be named so.
export { evaluation as eval };
