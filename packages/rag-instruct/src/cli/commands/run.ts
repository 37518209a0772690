import { join } from "node:path";
import { programName } from "@rag-instruct/core";
import { isStandInChoice } from "../../config/model-choice.ts";
import type { DemoName } from "../../demo.ts";
import { type Answer, type CommandContext, type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { linkTo, shownPath } from "../note.ts";
import type { SettingsSource } from "../settings.ts";

interface ManifestFlags extends RunFlags {
  from?: string;
  dryRun?: boolean;
}

/** The whole flow on your documents. */
export const run: CommandDefinition<string[], ManifestFlags> = {
  argument: ["[documents...]", "files, folders or globs, or a run folder; default the config's"],
  flags: [...(["config", "to", "exemplars", "model", "pairs", "budget", "set"] as const), "dryRun"],
  more: [
    flag("--from <manifest>", "repeat the run that this manifest.json describes"),
    flag("--import <path,...>", ""),
    ...(["embeddings", "settings", "paradigms", "turns", "language", "documents", "seed", "concurrency"] as const),
    ...(["timeout", "deadline", "retryRejected", "redraw", "retrieval", "corpus", "filter", "sample"] as const),
    ...(["reuse", "verify", "batch", "benchmarks", "redis", "postgres", "replace", "stopWhen", "yes"] as const),
    ...(["strict", "open"] as const),
  ],
  examples: ["rag-instruct run handbook/ --exemplars alpaca.json --model gpt-4o-mini"],
  run(documents, flags, context) {
    return runAll({ documents, flags }, context);
  },
};

/** The whole flow on documents that are here already. */
export const demo: CommandDefinition<unknown, RunFlags & { corpus?: DemoName }> = {
  flags: [
    flag("--corpus <path>", "documents: of a demo ostrey or ai-docs, of assemble yours").choices(["ostrey", "ai-docs"]),
    flag("--to <folder>", 'run folder; default "runs/demo"'),
    ...(["model", "pairs", "documents", "seed", "budget", "set"] as const),
  ],
  more: [
    ...(["settings", "language", "concurrency", "embeddings", "retrieval", "exemplars", "filter", "sample"] as const),
    ...(["paradigms", "replace", "stopWhen", "yes", "strict", "open"] as const),
  ],
  examples: ["rag-instruct demo", "rag-instruct demo --base-url http://127.0.0.1:11434/v1 --model llama3.1"],
  async run(_, { corpus = "ostrey", ...flags }, context) {
    const { demoConfig } = await import("../actions.ts");
    const to = corpus === "ostrey" ? "runs/demo" : `runs/demo-${corpus}`;
    return runAll({ documents: [], flags, between: demoConfig(corpus), to, isAlone: true, isDemo: true }, context);
  },
};

/** What `run` and `demo` work from. */
interface RunSource extends SettingsSource {
  flags: ManifestFlags;
  isDemo?: boolean;
}

/** The whole flow, or with --dry-run what it would be. */
async function runAll(source: RunSource, { view, signal, commandLine }: CommandContext): Promise<Answer> {
  const { from, dryRun, redis, retryRejected, redraw } = source.flags;
  const actions = await import("../actions.ts");
  const repeat = from === undefined ? undefined : await actions.readManifest(from);
  const config = await actions.readSettings({ ...source, between: { ...repeat?.settings, ...source.between } });
  if (dryRun) {
    const estimate = await actions.estimateRun(config, { signal });
    const { to, concurrency, counts } = config;
    const shares = actions.sharesInWords(counts, config);
    const lines = actions.estimateLines(estimate, { to: shownPath(to), concurrency, shares });
    return { text: lines.join("\n"), json: estimate };
  }
  if (repeat) await actions.checkRepeat(repeat.manifest, config);
  const replace = actions.replaceOf(source.flags);
  const beforeCalls = actions.spendGuard({ ...config, yes: source.flags.yes }, { view });
  const summary = await actions.runResolved(config, {
    ...view,
    signal,
    redis,
    retryRejected,
    redraw,
    replace,
    beforeCalls,
  });
  const { isDemo = false } = source;
  const { exitCode, stopped, cost, noise, shortfall, leftOut, exemplars, sample } = await actions.endOfRun(summary, {
    flags: source.flags,
    view,
    isDemo,
  });
  const lastly = stopped.map((line) => `\n${line}\n`).join("");
  const place = (file: string) => `${shownPath(config.to)}/${file}`;
  const report = linkTo(place("report.html"));
  const lines = actions.runLines(summary, {
    cost,
    parts: [noise, shortfall, leftOut, exemplars, isDemo ? [] : sample],
    places: [
      ["training data", place("train.jsonl")],
      ["exports", place("exports/")],
      ["report", place("report.html")],
      ["", report],
      ["manifest", place("manifest.json")],
    ],
    pair: isDemo ? sample : [],
    standInCommand: isStandInChoice(config.model) ? withoutModel(commandLine) : undefined,
  });
  if (isDemo) lines.push("", `The report: ${report}`, "Your own documents:", `  ${programName()} run <folder>`);
  const text = `${lines.join("\n")}\n`;
  const advice = source.flags.open ? await actions.openPage(report) : undefined;
  if (advice) view.say([advice]);
  if (!repeat) return { text: text + lastly, json: summary, exitCode };
  const now = await actions.readRunManifest(join(config.to, "manifest.json"));
  const { differing, verdict } = actions.compareOutputs(repeat.manifest, now);
  return { text: `${text}\n${verdict}\n${lastly}`, json: { ...summary, differing }, exitCode };
}

/** What was typed, to be typed again with a model. */
function withoutModel(commandLine: string): string {
  return commandLine.replace(/ --(?:model|base-url)[ =](?:'[^']*'|[^\s']+)/g, "");
}
