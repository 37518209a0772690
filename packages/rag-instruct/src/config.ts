import { type Exemplar, RagInstructError } from "@rag-instruct/core";
import type { BudgetLimits, Price, RateLimits } from "@rag-instruct/core/calls";
import type { IngestOptions } from "@rag-instruct/corpus";
import { type ExportFormat, exportFormats, type Provenance } from "@rag-instruct/format";
import { type Paradigm, paradigms } from "@rag-instruct/paradigms";
import type { LanguageModel } from "ai";
import { z } from "zod";

/** How documents are read; `"auto"` tells by name and content. */
export type DocumentFormatChoice = NonNullable<IngestOptions["format"]>;

/** A language model: an object of the AI SDK, an OpenAI-compatible server, or the offline model. */
export type ModelChoice =
  | Exclude<LanguageModel, string>
  | "offline"
  | {
      /** Model id as the endpoint knows it. */
      name: string;
      /** Root of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1. @default OpenAI's own */
      baseUrl?: string;
      /** Environment variable that holds the key. @default "OPENAI_API_KEY" */
      keyVariable?: string;
    };

/** What a run is made of. Everything but `to` and `corpus` has a default. */
export interface Config {
  /** The run folder; made when it is not there. */
  to: string;
  /** Files, folders or globs with documents, and how to read them. */
  corpus: { from: string | string[]; format?: DocumentFormatChoice; words?: number };
  /** A file with exemplars, or exemplars themselves. @default the project's own demo exemplars */
  exemplars?: string | readonly Exemplar[];
  /** @default "offline" */
  model?: ModelChoice;
  /** Pairs wanted: for each paradigm alike, or by paradigm. @default 20 */
  pairs?: number | Readonly<Record<string, number>>;
  /** Paradigms beside the method's five. @default [] */
  paradigms?: readonly Paradigm[];
  /** Language of the pairs, such as "German". @default that of the documents */
  language?: string;
  /** Documents of a training example. @default 10 */
  documents?: number;
  /** Noise is taken from ranks beyond this one. @default 200 */
  beyond?: number;
  /** Depth of the ranking that noise is taken from. @default 250 */
  depth?: number;
  /** Formats written into `exports/`. @default all */
  exports?: readonly ExportFormat[];
  /** Names and licences for the dataset card. @default "none stated", but for the project's own exemplars */
  card?: { name?: string; license?: string; corpus?: Provenance; exemplars?: Provenance };
  /** Most calls to the model at the same time. @default 16 */
  concurrency?: number;
  /** A ceiling over all that the run pays for; with the same ledger, over all runs. @default none */
  budget?: BudgetLimits;
  /** US dollars per million tokens by model id, for a budget in dollars. @default those that are known */
  prices?: Readonly<Record<string, Price>>;
  /** What the endpoint allows in a minute. @default none: the pace follows from what it refuses */
  limits?: RateLimits;
  /** @default 1 */
  seed?: number;
}

/** A config with every default filled in. */
export interface ResolvedConfig {
  to: string;
  corpus: { from: string[]; format: DocumentFormatChoice; words: number };
  exemplars: string | readonly Exemplar[] | undefined;
  model: ModelChoice;
  counts: Readonly<Record<string, number>>;
  paradigms: Readonly<Record<string, Paradigm>>;
  language: string | undefined;
  documents: number;
  beyond: number;
  depth: number;
  exports: readonly ExportFormat[];
  card: NonNullable<Config["card"]>;
  concurrency: number;
  budget: BudgetLimits | undefined;
  prices: Readonly<Record<string, Price>>;
  limits: RateLimits | undefined;
  seed: number;
}

const count = z.int().min(1);
const amount = z.number().min(0);
const schema = z.strictObject({
  to: z.string().min(1),
  corpus: z.strictObject({
    from: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    format: z.custom<DocumentFormatChoice>((value) => typeof value === "string").default("auto"),
    words: count.default(100),
  }),
  exemplars: z.union([z.string().min(1), z.array(z.custom<Exemplar>((value) => typeof value === "object"))]).optional(),
  model: z
    .custom<ModelChoice>((value) => value === "offline" || (typeof value === "object" && value !== null))
    .default("offline"),
  pairs: z.union([count, z.record(z.string(), z.int().min(0))]).default(20),
  paradigms: z.array(z.custom<Paradigm>((value) => typeof value === "object")).default([]),
  language: z.string().optional(),
  documents: count.default(10),
  beyond: z.int().min(0).default(200),
  depth: count.default(250),
  exports: z
    .array(
      z.custom<ExportFormat>(
        (value) => exportFormats.includes(value as ExportFormat),
        `must be one of ${exportFormats.join(", ")}`,
      ),
    )
    .default([...exportFormats]),
  card: z.custom<Config["card"]>((value) => typeof value === "object").optional(),
  concurrency: count.default(16),
  budget: z.strictObject({ usd: amount.optional(), tokens: amount.optional() }).optional(),
  prices: z.record(z.string(), z.strictObject({ inputPerMillion: amount, outputPerMillion: amount })).default({}),
  limits: z.strictObject({ requestsPerMinute: amount.optional(), tokensPerMinute: amount.optional() }).optional(),
  seed: z.int().default(1),
});

/** Gives a config file its types. */
export function defineConfig(config: Config): Config {
  return config;
}

/** Checks a config and fills in its defaults. Throws `bad-option` with the path of the field, and `unknown-paradigm`. */
export function resolveConfig(config: Config): ResolvedConfig {
  const result = schema.safeParse(config);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new RagInstructError("bad-option", `config: ${issue!.path.join(".") || "(root)"}: ${issue!.message}`);
  }
  const { pairs, paradigms: own, corpus, exemplars, language, budget, limits, card = {}, ...rest } = result.data;
  const all: Record<string, Paradigm> = {
    ...paradigms,
    ...Object.fromEntries(own.map((paradigm) => [paradigm.id, paradigm])),
  };
  if (rest.depth <= rest.beyond) {
    throw new RagInstructError(
      "bad-option",
      `config: depth (${rest.depth}) must be larger than beyond (${rest.beyond}), where noise comes from`,
    );
  }
  return {
    ...rest,
    corpus: { ...corpus, from: typeof corpus.from === "string" ? [corpus.from] : corpus.from },
    exemplars,
    language,
    budget: budget && withoutUndefined(budget),
    limits: limits && withoutUndefined(limits),
    card,
    counts: typeof pairs === "number" ? Object.fromEntries(Object.keys(all).map((id) => [id, pairs])) : pairs,
    paradigms: all,
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
