import type { Exemplar, Retriever } from "@rag-instruct/core";
import {
  type About,
  aboutOf as aboutAny,
  option as anyOption,
  asList,
  budget,
  count,
  modelSettings,
  prices,
  rateLimits,
  text,
  z,
} from "@rag-instruct/core/options";
import { type CorpusChoice, corpus, type ResolvedCorpus } from "@rag-instruct/corpus/options";
import { embeddingModel } from "@rag-instruct/embed/options";
import type { RunFormat } from "@rag-instruct/format";
import { card, negatives } from "@rag-instruct/format/options";
import type { Paradigm } from "@rag-instruct/paradigms";
import { postgres, type ResolvedRetrieval, type RetrievalKind, retrieval } from "@rag-instruct/retrieve/options";
import { exemplarSetAbouts, isExemplarSet, sample, trajectories } from "@rag-instruct/simulate/options";
import { languageModel } from "./model-choice.ts";

/** What an option of a run says of itself beside its type and default. */
export interface OptionAbout extends About {
  /** Whether it decides the outputs: then `manifest.json` keeps it, so that a run can be repeated. */
  decides?: true;
  flags?: readonly Flag[];
}

/** A flag of the command line that sets an option. */
export interface Flag {
  /** As the help shows it: `--pairs <number>`. A `<number>` is a whole one, `<dollars>` an amount; `<file,...>` may be given more than once or as a list with commas. */
  name: string;
  /** @default the option's description */
  text?: string;
  /** Environment variable that is read where the flag is not given. */
  env?: string;
  /** Whether the text of another flag says what it does, so that help does not list it. @default false */
  isInAnother?: boolean;
}

/** A schema with what is said of it. */
const option: <S extends z.ZodType>(schema: S, text: string, about?: Omit<OptionAbout, "description">) => S = anyOption;

/** What is said of an option; undefined for a schema that is not an option. */
export const aboutOf: (schema: z.core.$ZodType) => OptionAbout | undefined = aboutAny;

// Everything that is said of an option is said once, here or among the options of its package: its type, its default, and the texts of
// docs/reference/config.md, of the JSON Schema, of a new config and of its flag. The build writes the same above each in the declarations, for editors.

const paths = z.union([text, z.array(text).min(1).readonly()]).transform(asList);
const isProgramObject = (value: unknown) => typeof value === "object";

const shape = {
  to: option(text, "The run folder; made when it is not there.", {
    example: "run",
    flags: [{ name: "--to <folder>", text: 'run folder, also --run; default "run"' }],
  }),
  corpus: option(
    // False is put in as no files before anything is parsed, so that a fault within is told as that of an object.
    corpus as unknown as z.ZodType<ResolvedCorpus, CorpusChoice | false>,
    "The documents, and how they are read; false for none, where exemplars bring their documents.",
    {
      example: { from: "docs" },
      decides: true,
      flags: [
        { name: "--documents <path,...>", text: "documents, like those named after the command" },
        { name: "--no-documents", text: "no corpus: exemplars bring their documents", isInAnother: true },
        { name: "--format <name>", text: "format of documents, where it is not recognised" },
        { name: "--encoding <name>", text: "encoding of documents that are not UTF-8: gbk" },
        { name: "--field <name=path...>", text: "fields of their records: text=abstract, id=doi" },
      ],
    },
  ),
  exemplars: option(
    z.union([paths, z.array(z.custom<Exemplar>(isProgramObject)).readonly()]).default(["general"]),
    `Instructions of your users' kind, which the questions imitate: bundled sets by name (${Object.keys(exemplarSetAbouts).join(", ")}), files, folders or globs (Alpaca, ShareGPT, messages, plain questions …), or exemplars themselves.`,
    {
      otherwise: '"general"',
      example: "handbook",
      flags: [{ name: "--exemplars <file,...>", text: "instructions to imitate: files, or a set: handbook" }],
    },
  ),
  filter: option(
    z
      .union([z.boolean().transform((isOn) => (isOn ? "rules" : "off")), z.enum(["rules", "model", "off"])])
      .default("rules"),
    'Which exemplars are left out because their answer needs no knowledge: "rules" finds code, maths, role play, rewriting … in files for free, "model" asks the model about what they leave, "off" takes all.',
    {
      otherwise: '"rules"',
      example: "off",
      decides: true,
      flags: [
        { name: "--filter <kind>", text: "keep exemplars by rules, a model, or all: off" },
        { name: "--no-filter", text: "take exemplars as they are", isInAnother: true },
      ],
    },
  ),
  sample: option(
    sample.optional(),
    "Exemplars drawn by the seed: `{ each: 1000 }` of every source, or a `total`, or as many as there are, shared out by `weights` of sources.",
    {
      otherwise: "all",
      example: { each: 1000 },
      decides: true,
      flags: [{ name: "--sample <number>", text: "exemplars to take of each source" }],
    },
  ),
  reuse: option(
    z.boolean().default(false),
    "Use exemplars that bring documents once more, with retrieved documents, where there are too few others.",
    { decides: true, flags: [{ name: "--reuse", text: "use exemplars with documents again, with others" }] },
  ),
  model: option(
    languageModel.default("offline"),
    'The language model that writes: "offline" tries the flow; { name: "gpt-4o-mini" }, { name, baseUrl }, { gguf: "model.gguf" } or a model object of the AI SDK writes data to train on.',
    {
      decides: true,
      flags: [
        { name: "--model <name>", text: "id as its endpoint knows it, or a GGUF file" },
        { name: "--base-url <url>", text: "OpenAI-compatible server, http://127.0.0.1:11434/v1" },
      ],
    },
  ),
  settings: option(
    modelSettings.optional(),
    "How that model is asked: temperature, ceiling on output, thinking, headers, and fields of the body that only its endpoint knows.",
    {
      otherwise: "the endpoint's own, with a ceiling on output",
      example: { temperature: 0.7 },
      decides: true,
      flags: [
        { name: "--temperature <decimal>", text: "temperature of sampling, 0 to 2" },
        { name: "--max-tokens <number>", text: "tokens of one reply at most" },
        { name: "--body <name=value...>", text: "fields of each request: enable_thinking=false" },
      ],
    },
  ),
  embeddings: option(
    embeddingModel.optional(),
    "A model that turns texts to vectors, for dense and hybrid retrieval; one that runs here needs: npm install onnxruntime-node.",
    {
      otherwise: "none: BM25 needs no model",
      example: { model: "contriever-msmarco" },
      decides: true,
      flags: [
        { name: "--embeddings <model>", text: "ONNX model folder, preset or hub id; --preset, --pooling" },
        { name: "--preset <name>", text: "preset whose prompts and pooling --embeddings takes", isInAnother: true },
        { name: "--pooling <kind>", text: "how --embeddings pools: mean, cls, last-token …", isInAnother: true },
      ],
    },
  ),
  retrieval: option(
    retrieval.optional(),
    'How passages are ranked, "bm25", "dense" or "hybrid", or { kind, engine } with what searches the vectors.',
    {
      otherwise: '"hybrid" with embeddings, else "bm25"',
      example: "bm25",
      decides: true,
      flags: [
        { name: "--retrieval <kind>", text: "bm25, dense or hybrid; of vectors by --engine" },
        { name: "--engine <name>", text: "exact, faiss, usearch or pgvector", isInAnother: true },
      ],
    },
  ),
  retriever: option(
    z
      .custom<Retriever>(
        (value) => isProgramObject(value) && typeof (value as Retriever | null)?.retrieve === "function",
      )
      .optional(),
    "A retriever object of your own, which ranks passages instead of the run's own indexes.",
    { otherwise: "none" },
  ),
  postgres: option(
    postgres.optional(),
    "A PostgreSQL with pgvector that keeps passages and vectors for many machines.",
    {
      otherwise: "none: they are kept in the run folder",
      example: { url: "postgres://user@host/database" },
      flags: [
        {
          name: "--postgres <url>",
          text: "PostgreSQL that keeps passages and vectors",
          env: "RAG_INSTRUCT_POSTGRES_URL",
        },
      ],
    },
  ),
  pairs: option(
    z.union([count, z.record(z.string(), z.int().min(0)).readonly()]).default(20),
    'Pairs wanted: `{ each: 20 }` of each of the method\'s five paradigms and your own, `{ total: 100 }` of these together, or by paradigm, further ones too: `{ "cited-answer": 20 }`; a number alone counts each.',
    {
      example: { each: 20 },
      flags: [
        { name: "--pairs <number>", text: "pairs --each or in --total, or id=20,…; default 20" },
        { name: "--each", text: "--pairs counts each paradigm", isInAnother: true },
        { name: "--total", text: "--pairs counts all paradigms together", isInAnother: true },
      ],
    },
  ),
  turns: option(
    z.int().min(1).max(4).default(1),
    "Turns that a pair may grow to, 1 to 4: each later question needs what went before, and has documents of its own.",
    { decides: true, flags: [{ name: "--turns <number>", text: "turns that each pair may grow to, 1 to 4" }] },
  ),
  paradigms: option(
    z.array(z.custom<Paradigm>(isProgramObject, "must be a paradigm of your own")).readonly().default([]),
    "Paradigms of your own, beside those there are.",
    { otherwise: "none" },
  ),
  instructions: option(
    z.union([text, z.record(text, text)]).optional(),
    "Text added to what the prompts of all paradigms ask for, or of one by its id: another text is another question to the model.",
    { otherwise: "none", example: "Ask as a customer would.", decides: true },
  ),
  language: option(z.string().optional(), "Language of the pairs, such as German.", {
    otherwise: "that of the documents",
    example: "German",
    decides: true,
    flags: [{ name: "--language <name>" }],
  }),
  verify: option(
    z.enum(["lexical", "judge", "proof"]).default("lexical"),
    "How far each pair is verified: by words for free, by a judging call, or by answers with and without documents.",
    { decides: true, flags: [{ name: "--verify <level>", text: "lexical, judge or proof" }] },
  ),
  benchmarks: option(
    z.record(z.string(), paths).readonly().default({}),
    "Benchmarks whose questions must not be in the data, by id with their files; under `texts` any records or text files. A pair that shares 13 words with one of their texts, or whose question is one, is rejected.",
    {
      otherwise: "none",
      example: { popqa: "popqa.jsonl" },
      flags: [{ name: "--benchmark <id=file...>", text: "benchmarks whose questions must not be in it" }],
    },
  ),
  duplicates: option(
    z.union([z.number().gt(0).max(1), z.literal(false)]).default(0.8),
    "Share of word 3-grams that two pairs have in common from which the later is rejected; false keeps both.",
    { decides: true },
  ),
  noiseSample: option(
    z.union([count, z.literal("all")]).default(400),
    'Training examples of which a model checks, at `judge` and up, that no noise document answers the question; or "all".',
    { decides: true },
  ),
  noiseAnswers: option(
    z.number().min(0).max(1).default(0),
    "Share of training examples whose question a reader is asked with the noise alone, at `proof`: `dpo` rejects what it answers wrong.",
    { decides: true },
  ),
  documents: option(count.default(10), "Documents of a training example.", {
    decides: true,
    flags: [{ name: "--n-docs <number>", text: "documents of an example" }],
  }),
  beyond: option(z.int().min(0).default(200), "Noise is taken from ranks beyond this one.", { decides: true }),
  depth: option(count.default(250), "Depth of the ranking that noise is taken from.", { decides: true }),
  exports: option(
    z
      .array(z.custom<RunFormat>((id) => typeof id === "string"))
      .readonly()
      .optional(),
    "Formats written into `exports/`.",
    { otherwise: "all that hold examples as they are", example: ["messages", "parquet"], decides: true },
  ),
  negatives: option(negatives.optional(), "Hard negatives of the exports for retrievers: how many, of which ranks.", {
    otherwise: "4 of ranks 11 to 50",
    example: { count: 1, from: 30, to: 100 },
    decides: true,
  }),
  trajectories: option(trajectories.optional(), "Chains of searches of the export `trajectories`.", {
    otherwise: "3 results a search, of proved pairs",
    example: { results: 5, unproved: true },
    decides: true,
  }),
  card: option(card.optional(), "Names and licences for the dataset card.", {
    otherwise: `"none stated", but for bundled exemplars`,
    example: { name: "Handbook", license: "cc-by-4.0" },
  }),
  concurrency: option(count.default(16), "Most calls to the model at the same time.", {
    flags: [{ name: "--concurrency <number>", text: "calls at the same time" }],
  }),
  timeout: option(
    z.number().positive().optional(),
    "Seconds to wait for one reply, or four times the slowest reply so far where that is more.",
    {
      otherwise: "300, and 120 once some replies have come",
      example: 600,
      flags: [{ name: "--timeout <seconds>", text: "seconds for one reply, at least" }],
    },
  ),
  deadline: option(
    z.number().positive().default(900),
    "Seconds for one pair with all its calls, from its first attempt on, after which it fails.",
    { flags: [{ name: "--deadline <seconds>", text: "seconds for one pair with all its calls" }] },
  ),
  askAgain: option(
    z.int().min(0).default(2),
    "In how many later runs, while pairs are missing, a question is asked again whose reply was empty, cut, filtered, refused or unreadable.",
  ),
  budget: option(budget.optional(), "A ceiling over all that the run pays for; with the same ledger, over all runs.", {
    otherwise: "none",
    example: { usd: 5 },
    flags: [{ name: "--budget <dollars>", text: "most that all calls may cost" }],
  }),
  prices: option(
    prices.default({}),
    "US dollars per million tokens by model id, for a budget in dollars; `batchShare` is the part that is charged through the batch API.",
    { otherwise: "those that are known", example: { "my-model": { inputPerMillion: 0.1, outputPerMillion: 0.4 } } },
  ),
  limits: option(rateLimits.optional(), "What the endpoint allows in a minute.", {
    otherwise: "none: the pace is found by what it refuses",
    example: { requestsPerMinute: 500 },
  }),
  stopWhen: option(
    z
      .union([z.strictObject({ outcomes: count, accepted: z.number().min(0).max(1) }), z.literal(false)])
      .default({ outcomes: 30, accepted: 0.05 }),
    "When a model is given up: where a smaller share than `accepted` of the first `outcomes` is accepted.",
    { example: false, flags: [{ name: "--keep-going", text: "go on where hardly any first pair is accepted" }] },
  ),
  batch: option(
    z.boolean().default(false),
    "Ask through OpenAI's batch API, which costs less and answers within a day. A stopped run collects its batches when it is started again.",
    { example: true, flags: [{ name: "--batch", text: "through OpenAI's batch API: for less, within a day" }] },
  ),
  seed: option(z.int().default(1), "Seed of every choice.", { decides: true, flags: [{ name: "--seed <number>" }] }),
};

/** What a config may hold. Ids of other packages (export formats, paradigms, benchmarks) are checked by `resolveConfig`. */
export const configSchema = z.strictObject(shape);

/** What a run is made of. Everything but `to` and `corpus` has a default. */
export interface Config extends z.input<z.ZodObject<typeof shape>> {}

type Parsed = z.output<z.ZodObject<typeof shape>>;

/** A config that was checked, with every default filled in. */
export interface ResolvedConfig
  extends Omit<Parsed, "pairs" | "paradigms" | "retrieval" | "exports" | "card">,
    Omit<ResolvedRetrieval, "kind"> {
  /** Pairs wanted, by paradigm; none of any where each exemplar that brings its documents is to give one. */
  counts: Readonly<Record<string, number>>;
  /** All of them by id, the method's five first. */
  paradigms: Readonly<Record<string, Paradigm>>;
  retrieval: RetrievalKind;
  exports: readonly RunFormat[];
  card: NonNullable<Parsed["card"]>;
}

/** How documents are read; `"auto"` tells by name and content. */
export type DocumentFormatChoice = Parsed["corpus"]["format"];

/** Whether there is a corpus; else exemplars bring their documents. */
export function hasCorpus({ corpus }: Pick<ResolvedConfig, "corpus">): boolean {
  return corpus.from.length > 0;
}

/** Pairs wanted, by paradigm; undefined where each exemplar is to give one. */
export function wantedCounts({ counts }: Pick<ResolvedConfig, "counts">): ResolvedConfig["counts"] | undefined {
  return Object.keys(counts).length > 0 ? counts : undefined;
}

/** The files and bundled sets of exemplars by name; undefined where they are exemplars themselves. */
export function exemplarNames(exemplars: ResolvedConfig["exemplars"]): readonly string[] | undefined {
  return typeof exemplars[0] === "string" ? (exemplars as readonly string[]) : undefined;
}

/** The same with each path put elsewhere; the name of a bundled set stays. */
export function placeExemplars<T>(exemplars: T, at: (path: string) => string): T {
  const place = (one: unknown) => (typeof one === "string" && !isExemplarSet(one) ? at(one) : one);
  return (Array.isArray(exemplars) ? exemplars.map(place) : place(exemplars)) as T;
}

/** Gives a config file its types. */
export function defineConfig(config: Config): Config {
  return config;
}
