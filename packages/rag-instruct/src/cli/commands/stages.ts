import { badOption } from "@rag-instruct/core";
import type { Option } from "commander";
import { hasCorpus, type ResolvedConfig } from "../../config/schema.ts";
import type { StageName } from "../../pipeline/pipeline.ts";
import {
  type Answer,
  type CommandContext,
  type CommandDefinition,
  type FlagName,
  flag,
  type RunFlags,
} from "../command.ts";
import { shownPath } from "../note.ts";

// What each stage is made with. A command takes the flags of every stage that it runs: one that names them again finds those stages
// unchanged, and what a message advises is a flag of the command that says so.
const toIngest = ["corpus"] as const;
const toEmbed = [...toIngest, "embeddings", "import", "concurrency", "budget", "redis"] as const;
const toIndex = [...toEmbed, "retrieval", "postgres"] as const;
const toKeepExemplars = ["exemplars", "filter", "sample"] as const;
const toSynthesize = [
  ...toKeepExemplars,
  ...(["documents", "model", "pairs", "verify", "benchmarks", "budget", "settings", "paradigms", "language"] as const),
  ...toIndex,
  ...(["turns", "timeout", "deadline", "batch", "seed", "reuse", "retryRejected", "stopWhen", "yes"] as const),
] as const satisfies readonly FlagName[];

/** The command of each stage: it runs that stage, and before it whatever it needs that is not there or has changed. */
export const stages = {
  ingest: stageCommand("ingest", {
    places: ["corpus.sqlite"],
    flags: [...toIngest, flag("--check", "read all, say what would be lost, write nothing")],
    check: checkDocuments,
    examples: [
      "rag-instruct ingest handbook/ --check",
      "rag-instruct ingest handbook/ notes.pdf 'wiki/**/*.md'",
      "rag-instruct ingest psgs_w100.tsv.gz --to wikipedia",
      "rag-instruct ingest docs/ --set corpus.words=80",
    ],
  }),
  embed: stageCommand("embed", {
    places: ["embeddings/"],
    flags: ["embeddings", "import"],
    more: toEmbed,
    examples: [
      "rag-instruct embed docs/ --embeddings models/all-MiniLM-L6-v2",
      "rag-instruct embed --import wiki.tar --embeddings contriever-msmarco",
      "rag-instruct embed docs/ --embeddings contriever-msmarco",
      `rag-instruct embed docs/ --set 'embeddings={"name":"bge-m3","dimensions":1024,`,
      `    "baseUrl":"http://127.0.0.1:11434/v1"}'`,
    ],
  }),
  index: stageCommand("index", {
    places: ["bm25/"],
    flags: ["corpus", "embeddings"],
    more: toIndex,
    until: async (config) => ["index", ...(await import("../actions.ts")).searchStages(config)],
    examples: ["rag-instruct index docs/", "rag-instruct index", "rag-instruct search 'Who signs for travel?'"],
  }),
  exemplars: stageCommand("exemplars", {
    places: ["exemplars.jsonl", "exemplars-rejected.jsonl"],
    flags: ["exemplars", "filter", "sample", "model", "budget"],
    more: ["settings", "seed", "concurrency", "timeout", "deadline", "batch", "yes"],
    needsDocuments: false,
    examples: [
      "rag-instruct exemplars --exemplars alpaca_data.json",
      "rag-instruct exemplars --exemplars sets/,lmsys.parquet --filter model",
    ],
  }),
  synthesize: stageCommand("synthesize", {
    places: ["pairs.jsonl", "rejected.jsonl"],
    flags: ["exemplars", "model", "pairs", "verify", "budget"],
    more: [...toSynthesize, "strict"],
    examples: ["rag-instruct synthesize --pairs 200 --total --budget 5"],
  }),
  assemble: stageCommand("assemble", {
    takesRun: true,
    places: ["train.jsonl"],
    flags: ["noiseCorpus", "documents", "model"],
    more: toSynthesize.filter((name) => name !== "corpus"),
    examples: [
      "rag-instruct assemble runs/march",
      "rag-instruct assemble --n-docs 5 --set beyond=100 depth=150",
      "rag-instruct assemble pairs.json --corpus wikipedia",
    ],
    take: async (...given) => (await import("../actions.ts")).takePairs(...given),
  }),
} as const satisfies Partial<Record<StageName, CommandDefinition<string[]>>>;

/** How the command of a stage differs from those of others. */
interface StageCommand extends Pick<CommandDefinition, "examples"> {
  more?: readonly FlagName[];
  /** What it leaves in the run folder. */
  places: readonly string[];
  flags: readonly (FlagName | Option)[];
  /** What it does with --check, in place of its work. */
  check?: (config: ResolvedConfig, context: CommandContext) => Promise<Answer>;
  /** Whether it works on what a run has, so that documents make no sense to it. @default false */
  takesRun?: boolean;
  /** @default true */
  needsDocuments?: boolean;
  /** Puts what is named into a run, and gives its settings. @default nothing is */
  take?: (named: readonly string[], flags: RunFlags, context: CommandContext) => Promise<ResolvedConfig | undefined>;
  /** The last stages that it runs. @default the stage alone */
  until?: (config: ResolvedConfig) => Promise<readonly StageName[]>;
}

/** Reads the documents as the stage does, and says what of them would give no passage. */
async function checkDocuments(
  { corpus: { from, ...reading } }: ResolvedConfig,
  { view, signal }: CommandContext,
): Promise<Answer> {
  const { checkIngest, countsText, leftOutLines } = await import("../actions.ts");
  const { documents, written: passages, leftOut } = await checkIngest({ from, ...reading, ...view, signal });
  const lines = [`${countsText({ documents, passages })}; nothing is written.`, ...leftOutLines(leftOut)];
  return { text: `${lines.join("\n")}\n`, json: { documents, passages, leftOut } };
}

function stageCommand(
  stage: StageName,
  { places, flags, more = [], examples, takesRun = false, needsDocuments, take, until, check }: StageCommand,
): CommandDefinition<string[]> {
  return {
    argument: takesRun
      ? ["[run...]", "run folder, default that of the config; with --corpus files of pairs"]
      : ["[documents...]", "files, folders or globs, or a run folder; default the config's"],
    flags: ["config", "to", ...flags, "set"],
    more: [...new Set([...more, "replace" as const])].filter((name) => !flags.includes(name)),
    examples,
    async run(named, given, context) {
      const { view, signal } = context;
      const actions = await import("../actions.ts");
      const settings = async () => {
        if (!takesRun)
          return actions.readSettings({ flags: given, documents: named, prefersFolder: true, needsDocuments });
        const to = await actions.onlyRun(stage, named, { to: given.to });
        return actions.readSettings({ flags: { ...given, to }, prefersFolder: true, isNamedRun: named.length > 0 });
      };
      const config = (await take?.(named, given, context)) ?? (await settings());
      if (["ingest", "embed", "index"].includes(stage) && !hasCorpus(config))
        throw badOption("there is no corpus here: the exemplars bring their documents");
      if (stage === "index" && config.retriever)
        throw badOption("the config has a retriever of its own, which reads no index of a run");
      if (stage === "embed") actions.requireEmbeddings(config);
      if (check && given.check) return check(config, context);
      const last = (await until?.(config)) ?? [stage];
      const { redis, retryRejected } = given;
      const beforeCalls = actions.spendGuard({ ...config, yes: given.yes }, { view });
      const replace = actions.replaceOf(given);
      const options = { ...view, signal, until: last, redis, retryRejected, replace, beforeCalls };
      const { to, ...summary } = await actions.runResolved(config, options);
      const { stages } = summary;
      const { counts } = stages.find(({ name }) => name === stage)!;
      const files = places.map((name) => `${shownPath(to)}/${name}`);
      const end = await actions.endOfRun({ to, ...summary }, { flags: given, view });
      const said: Partial<Record<StageName, string[]>> = {
        ingest: end.leftOut,
        exemplars: [...end.exemplars, ...end.cost],
        assemble: [
          ...end.noise,
          ...(stages.some(({ name, skipped }) => name === "exemplars" && !skipped) ? end.exemplars : []),
        ],
        synthesize: [...end.exemplars, ...end.cost, ...end.shortfall],
      };
      const lines = [`${actions.countsText(counts)}: ${files.join(", ")}`, ...(said[stage] ?? []), ...end.stopped];
      return { text: `${lines.join("\n")}\n`, json: { to, files, ...summary }, exitCode: end.exitCode };
    },
  };
}
