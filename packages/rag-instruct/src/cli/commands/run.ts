import { join } from "node:path";
import { amount, dollarsText, durationText, numberText, shellWord } from "@rag-instruct/core";
import type { ResolvedConfig } from "../../config/schema.ts";
import type { RunEstimate } from "../../pipeline/estimate.ts";
import type { RunSummary } from "../../pipeline/pipeline.ts";
import {
  type Answer,
  type CommandContext,
  type CommandDefinition,
  flag,
  programName,
  type RunFlags,
} from "../command.ts";
import { endOfRun, linkTo, openWith, type RunEnd, shownPath } from "../run-end.ts";
import type { SettingsSource } from "../settings.ts";

interface ManifestFlags extends RunFlags {
  from?: string;
  dryRun?: boolean;
}

/** The whole flow on your documents. */
export const run: CommandDefinition<string[], ManifestFlags> = {
  argument: ["[documents...]", "files, folders or globs, or a run folder; default the config's"],
  flags: [
    ...(["config", "to", "exemplars", "model", "pairs", "budget", "set"] as const),
    flag("--dry-run", "say what it would do, call and cost, and do nothing"),
  ],
  more: [
    flag("--from <manifest>", "repeat the run that this manifest.json describes"),
    "embeddings",
    "import",
    "settings",
    "paradigms",
    "language",
    "documents",
    "seed",
    "concurrency",
    "timeout",
    "deadline",
    "retryRejected",
    "retrieval",
    "corpus",
    "filter",
    "sample",
    "reuse",
    "verify",
    "batch",
    "benchmarks",
    "redis",
    "postgres",
    "replace",
    "stopWhen",
    "yes",
    "strict",
    "open",
  ],
  examples: ["rag-instruct run handbook/ --exemplars alpaca.json --model gpt-4o-mini"],
  run(documents, flags, context) {
    return runAll({ documents, flags, again: [programName(), "run", ...documents.map(shellWord)].join(" ") }, context);
  },
};

/** The whole flow on documents that are here already. */
export const demo: CommandDefinition = {
  flags: [
    flag("--to <folder>", 'run folder; default "runs/demo"'),
    ...(["model", "pairs", "paradigms", "documents", "seed", "budget", "set"] as const),
  ],
  more: [
    ...(["settings", "language", "concurrency", "embeddings", "retrieval", "exemplars", "filter", "sample"] as const),
    ...(["replace", "stopWhen", "yes", "strict", "open"] as const),
  ],
  examples: ["rag-instruct demo", "rag-instruct demo --base-url http://127.0.0.1:11434/v1 --model llama3.1"],
  async run(_, flags, context) {
    const { demoCard, demoCorpus } = await import("../actions.ts");
    const again = `${programName()} demo`;
    const between = { card: demoCard, corpus: { from: demoCorpus() } };
    return runAll({ documents: [], flags, between, to: "runs/demo", again, isAlone: true }, context);
  },
};

/** What `run` and `demo` work from. */
interface RunSource extends SettingsSource {
  flags: ManifestFlags;
  /** The command that the summary says to repeat. */
  again: string;
}

/** The whole flow, or with --dry-run what it would be. */
async function runAll(source: RunSource, { view, signal }: CommandContext): Promise<Answer> {
  const { from, dryRun, redis, retryRejected } = source.flags;
  const { checkRepeat, differingOutputs, readManifest, readRunManifest, readSettings } = await import("../actions.ts");
  const repeat = from === undefined ? undefined : await readManifest(from);
  const config = await readSettings({ ...source, between: { ...repeat?.settings, ...source.between } });
  if (dryRun) {
    const { estimateRun, sharesInWords } = await import("../actions.ts");
    const estimate = await estimateRun(config, { signal });
    return { text: describeEstimate(estimate, { ...config, shares: sharesInWords(config.counts) }), json: estimate };
  }
  if (repeat) await checkRepeat(repeat.manifest, config);
  const { replaceOf, runResolved, spendGuard } = await import("../actions.ts");
  const replace = replaceOf(source.flags);
  const beforeCalls = spendGuard({ ...config, yes: source.flags.yes }, { view });
  const summary = await runResolved(config, { ...view, signal, redis, retryRejected, replace, beforeCalls });
  const unproved = await unprovedText(summary);
  const end = await endOfRun(summary, { flags: source.flags, view });
  const { exitCode, stopped } = end;
  const lastly = stopped.map((line) => `\n${line}\n`).join("");
  const text = describeRun(summary, { command: source.again, isOffline: config.model === "offline", unproved, end });
  if (source.flags.open) await openWith(linkTo(join(config.to, "report.html")), { view });
  if (!repeat) return { text: text + lastly, json: summary, exitCode };
  const now = await readRunManifest(join(config.to, "manifest.json"));
  const differing = differingOutputs(repeat.manifest, now);
  const verdict =
    differing.length === 0
      ? "Every file has the bytes that the manifest tells of."
      : `${differing.length} of ${Object.keys(now.outputs).length} files differ from the manifest's: ${differing.join(", ")}.`;
  return { text: `${text}\n${verdict}\n${lastly}`, json: { ...summary, differing }, exitCode };
}

/** What words could not prove of the pairs. A judge reads what the writer read and replies about as much: so goes its price. */
async function unprovedText({ stages, calls: { usd, made } }: RunSummary): Promise<string | undefined> {
  const { accepted = 0, unproved = 0 } = stages.find(({ name }) => name === "synthesize")?.counts ?? {};
  const { unprovedLine } = await import("../actions.ts");
  return unprovedLine({ accepted, unproved }, { usd: usd > 0 ? (usd / made) * unproved : undefined });
}

/** What a run came to, in a few lines: counts that add up, cost, time, where things are, and what to do next. */
function describeRun(
  { to, model, stages, calls, seconds }: RunSummary,
  {
    command,
    isOffline,
    unproved,
    end,
  }: { command: string; isOffline: boolean; unproved: string | undefined; end: RunEnd },
): string {
  const counts = Object.fromEntries(stages.map(({ name, counts }) => [name, counts]));
  const { requested = 0, accepted = 0, rejected = 0, failed = 0 } = counts.synthesize ?? {};
  const { examples = 0, rejected: refused = 0, failed: unchecked = 0 } = counts.assemble ?? {};
  const left = refused + unchecked;
  const place = (file: string) => `${shownPath(to)}/${file}`;
  const { shortfall, leftOut, exemplars, sample } = end;
  const cost = calls.usd > 0 ? `, ${dollarsText(calls.usd)}` : "";
  const lines = [
    "",
    `${amount(accepted, "pair")} accepted + ${numberText(rejected)} rejected + ${numberText(failed)} failed = ${numberText(requested)} attempted, written by ${model}`,
    `${amount(examples, "training example")} + ${amount(left, "pair")} left out for their noise = ${numberText(examples + left)}`,
    `${amount(calls.made, "call")} made now (${amount(calls.inputTokens, "token")} in, ${numberText(calls.outputTokens)} out${cost}) + ${numberText(calls.reused)} from the ledger, in ${durationText(seconds)}`,
    ...end.cost,
    ...[shortfall, leftOut, exemplars, sample].flatMap((part) => (part.length > 0 ? ["", ...part] : [])),
    "",
    `  training data  ${place("train.jsonl")}`,
    `  exports        ${place("exports/")}`,
    `  report         ${place("report.html")}`,
    `                 ${linkTo(place("report.html"))}`,
    `  manifest       ${place("manifest.json")}`,
  ];
  if (unproved && !isOffline) lines.push("", unproved);
  if (isOffline) {
    lines.push(
      "",
      "The offline model wrote this: good for trying the flow, not for training. With a real model:",
      `  ${command} --base-url http://127.0.0.1:11434/v1 --model llama3.1`,
      "or set OPENAI_API_KEY and run the same command again.",
    );
  }
  return `${lines.join("\n")}\n`;
}

/** What a run would do and cost. */
function describeEstimate(
  estimate: RunEstimate,
  { to, concurrency, shares }: Pick<ResolvedConfig, "to" | "concurrency"> & { shares: string },
): string {
  const { documents, passages, isPartial, exemplars, judgements, pairs, calls } = estimate;
  const { inputTokens, outputTokens, price, usd } = estimate;
  const more = isPartial ? " or more" : "";
  const what: Record<string, string> = {
    ingest: `${amount(documents, "document")}, ${amount(passages, "passage")}${more}`,
    embed: `${amount(passages, "passage")}${more}`,
    index: `${amount(passages, "passage")}${more}`,
    share: `${amount(passages, "passage")}${more}`,
    exemplars: `${amount(exemplars, "exemplar")}${judgements > 0 ? `: about ${amount(judgements, "call")}` : ""}`,
    plan: `${numberText(pairs)} tasks and reserves`,
    synthesize: `${amount(pairs, "pair")}${shares}: about ${amount(calls, "call")}, ${amount(inputTokens, "token")} in, ${numberText(outputTokens)} out`,
    assemble: `${amount(pairs, "example")}`,
  };
  const stages = estimate.stages.map(({ name, unchanged }) => {
    const facts = unchanged ? "unchanged, will be skipped" : (what[name] ?? "");
    return `  ${name.padEnd(11)} ${facts}`.trimEnd();
  });
  const at = price ? ` at $${price.inputPerMillion} and $${price.outputPerMillion} per million tokens in and out` : "";
  const cost =
    usd === undefined
      ? "not known: give the model's price in `prices` of the config"
      : usd === 0
        ? "nothing"
        : `about $${usd.toFixed(2)}${at}`;
  return [
    `Dry run: nothing is made or called. ${shownPath(to)}/ would be made by ${estimate.model}:`,
    "",
    ...stages,
    "",
    `  cost  ${cost}`,
    `  time  ${timeOf(estimate, concurrency)}`,
    ...basisLines(estimate),
    "",
  ].join("\n");
}

function timeOf({ seconds, calls, embeddingSeconds }: RunEstimate, concurrency: number): string {
  const atOnce = calls > 0 && seconds > 0 ? ` with ${concurrency} calls at the same time` : "";
  const about = seconds === 0 ? "seconds" : `about ${durationText(seconds)}${atOnce}`;
  return embeddingSeconds === undefined ? `${about}; embedding is not counted, none was done here yet` : about;
}

/** Where an estimate comes from, in a line; nothing where there is nothing to pay. */
function basisLines({ basis, inputTokens }: RunEstimate): string[] {
  if (inputTokens === 0) return [];
  const each = `${amount(round(basis.callsAPair), "call")} a pair, ${numberText(round(basis.secondsACall))} s and ${numberText(Math.round(basis.outputTokens))} tokens a reply`;
  return basis.measured > 0
    ? ["", `By the ${amount(basis.measured, "call")} that the last run here made with this model: ${each}.`]
    : ["", `Assumed: ${each}. Make a few pairs first, and the next dry run goes by what they took.`];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
