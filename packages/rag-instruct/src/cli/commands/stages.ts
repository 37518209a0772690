import { relative } from "node:path";
import type { StageName } from "../../pipeline/pipeline.ts";
import type { CommandDefinition, FlagName } from "../command.ts";
import { count } from "../progress.ts";

// What a stage before the one asked for was made with: a command that names it again finds that stage unchanged.
const earlier: readonly FlagName[] = [
  "pairs",
  "exemplars",
  "paradigm",
  "language",
  "seed",
  "budget",
  "settings",
  "concurrency",
  "embeddings",
  "retrieval",
];

/** The command of each stage: it runs that stage, and before it whatever it needs that is not there or has changed. */
export const stages = {
  ingest: stageCommand("ingest", {
    places: ["corpus.sqlite"],
    flags: ["corpus"],
    examples: [
      "rag-instruct ingest handbook/ notes.pdf 'wiki/**/*.md'",
      "rag-instruct ingest psgs_w100.tsv.gz --to wikipedia",
      "rag-instruct ingest docs/ --set corpus.words=80",
    ],
  }),
  embed: stageCommand("embed", {
    places: ["embeddings/"],
    flags: ["embeddings"],
    more: ["corpus", "concurrency", "budget", "redis"],
    examples: [
      "rag-instruct embed docs/ --embeddings models/all-MiniLM-L6-v2",
      "rag-instruct embed docs/ --embeddings contriever-msmarco",
      `rag-instruct embed docs/ --set 'embeddings={"name":"bge-m3","dimensions":1024,`,
      `    "baseUrl":"http://127.0.0.1:11434/v1"}'`,
    ],
  }),
  index: stageCommand("index", {
    places: ["bm25/"],
    flags: ["corpus"],
    examples: ["rag-instruct index docs/", "rag-instruct index", "rag-instruct search 'Who signs for travel?'"],
  }),
  exemplars: stageCommand("exemplars", {
    places: ["exemplars.jsonl", "exemplars-rejected.jsonl"],
    flags: ["exemplars", "filter"],
    examples: ["rag-instruct exemplars --exemplars alpaca_data.json", "rag-instruct exemplars"],
  }),
  synthesize: stageCommand("synthesize", {
    places: ["pairs.jsonl", "rejected.jsonl"],
    flags: ["exemplars", "model", "pairs", "verify", "benchmarks", "budget"],
    more: [
      "settings",
      "paradigm",
      "language",
      "concurrency",
      "batch",
      "seed",
      "embeddings",
      "retrieval",
      "corpus",
      "redis",
      "postgres",
    ],
    examples: [
      "rag-instruct synthesize --pairs 200 --budget 5",
      "rag-instruct synthesize --base-url http://127.0.0.1:11434/v1 --model llama3.1",
    ],
  }),
  assemble: stageCommand("assemble", {
    places: ["train.jsonl"],
    flags: ["documents", "model"],
    more: [...earlier, "postgres", "corpus"],
    examples: ["rag-instruct assemble", "rag-instruct assemble --documents 5 --set beyond=100 depth=150"],
  }),
  export: stageCommand("export", {
    places: ["exports/"],
    flags: ["model"],
    more: [...earlier, "documents"],
    examples: ["rag-instruct export", `rag-instruct export --set 'exports=["messages","parquet"]'`],
  }),
  report: stageCommand("report", {
    places: ["report.html"],
    flags: ["model"],
    more: [...earlier, "documents"],
    examples: ["rag-instruct report", "rag-instruct report --to runs/march"],
  }),
} as const satisfies Partial<Record<StageName, CommandDefinition>>;

/** How the command of a stage differs from those of others. */
interface StageCommand extends Pick<CommandDefinition, "examples" | "more"> {
  /** What it leaves in the run folder. */
  places: readonly string[];
  flags: readonly FlagName[];
}

function stageCommand(until: StageName, { places, flags, more, examples }: StageCommand): CommandDefinition {
  return {
    argument: ["[documents...]", "files, folders or globs, where no config names them"],
    flags: ["config", "to", ...flags, "set"],
    more,
    examples,
    async run(documents, given, { view, signal }) {
      const [{ readSettings }, { runResolved }] = await Promise.all([
        import("../settings.ts"),
        import("../../pipeline/pipeline.ts"),
      ]);
      const config = await readSettings({ flags: given, documents: documents as string[], prefersFolder: true });
      if (until === "embed") (await import("../../run/models.ts")).requireEmbeddings(config);
      const { to, ...summary } = await runResolved(config, { ...view, signal, until, redis: given.redis });
      const what = Object.entries(summary.stages.at(-1)!.counts).map(([label, value]) => `${count(value)} ${label}`);
      const files = places.map((name) => `${relative(process.cwd(), to) || "."}/${name}`);
      return { text: `${what.join(", ")}: ${files.join(", ")}\n`, json: { to, files, ...summary } };
    },
  };
}
