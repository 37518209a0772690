import {
  amount,
  type OnProgress,
  type Outcome,
  type Pair,
  questionWithOptions,
  RagInstructError,
  type Retriever,
  type SearchTrajectory,
  type Source,
} from "@rag-instruct/core";
import { type RunContext, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { countedText, type ReadingParts, readParts, removeOtherParts, type WrittenParts } from "../run-parts.ts";
import { ExportFiles, recordJson, type TextWriter, type WrittenFile } from "./export-file.ts";

/** The tool of the chains, as chat templates and endpoints are told of it. */
const searchTool = {
  type: "function",
  function: {
    name: "search",
    description: "Searches the documents and returns the passages that fit best.",
    parameters: {
      type: "object",
      properties: { query: { type: "string", description: "What to look for." } },
      required: ["query"],
    },
  },
};

/**
 * Records of chains of searches as messages with tool calls: the question, then for each search the call with what the one before has
 * taught, its results as JSON, and in the end the answer. `trajectories` has the arguments of a call as an object, as TRL, LLaMA-Factory and
 * chat templates take them, and the steps beside the messages; `trajectories-openai` has them as a text, and nothing beside, as OpenAI does.
 */
export const trajectoryFormats = {
  trajectories: (chain: SearchTrajectory) => ({
    id: chain.id,
    messages: messagesOf(chain, (query) => ({ query })),
    tools: [searchTool],
    steps: chain.steps.map(({ query, found, learned, bridge }) => ({ query, found, learned, bridge })),
  }),
  "trajectories-openai": (chain: SearchTrajectory) => ({
    // Its messages of tools have no name.
    messages: messagesOf(chain, (query) => JSON.stringify({ query })).map(({ name: _, ...message }) => message),
    tools: [searchTool],
  }),
} as const satisfies Record<string, (chain: SearchTrajectory) => object>;

function messagesOf(chain: SearchTrajectory, argumentsOf: (query: string) => unknown): Record<string, unknown>[] {
  const { steps, answer } = chain;
  const searches = steps.flatMap(({ query, results }, i) => {
    const id = `call_${i + 1}`;
    const call = { id, type: "function", function: { name: "search", arguments: argumentsOf(query) } };
    const shown = results.map(({ passage: { id, title, text } }) => ({ id, title, text }));
    return [
      { role: "assistant", content: steps[i - 1]?.learned.join("\n") ?? "", tool_calls: [call] },
      { role: "tool", tool_call_id: id, name: "search", content: JSON.stringify(shown) },
    ];
  });
  return [{ role: "user", content: questionWithOptions(chain) }, ...searches, { role: "assistant", content: answer }];
}

/** Ids of what {@link exportTrajectories} writes. */
export type TrajectoryFormat = keyof typeof trajectoryFormats;

/** Options of {@link exportTrajectories}. */
export interface TrajectoryExportOptions {
  /** How the pairs of each part ended, such as `buildTrajectories` of `@rag-instruct/simulate` gives; each part is read once. */
  splits: Readonly<Record<string, Source<Outcome<SearchTrajectory>>>>;
  /** The folder; made when it is not there. */
  to: string;
  formats: readonly TrajectoryFormat[];
  /** Replace files that are there. @default false */
  overwrite?: boolean;
  signal?: AbortSignal;
}

/** What {@link exportTrajectories} did; chains and those left out are all the pairs that were read. */
export interface TrajectoryReport {
  pairs: number;
  chains: number;
  /** Chains by their number of searches. */
  searches: Record<string, number>;
  /** Chains of which a query has words that only an earlier result has. */
  bridged: number;
  /** Pairs without a chain, by reason. */
  leftOut: Record<string, number>;
  files: (WrittenFile & { format: TrajectoryFormat; split: string })[];
}

/** Writes chains of searches, a file a format and part, in constant memory; the files are there whole or not at all. Throws `file-exists`, and the error of a pair that failed. */
export async function exportTrajectories(options: TrajectoryExportOptions): Promise<TrajectoryReport> {
  const { splits, formats, signal } = options;
  const report: Omit<TrajectoryReport, "files"> = { pairs: 0, chains: 0, searches: {}, bridged: 0, leftOut: {} };
  await using files = new ExportFiles(options);
  const owners = new Map<string, { format: TrajectoryFormat; split: string }>();
  for (const [split, outcomes] of Object.entries(splits)) {
    const texts = new Map<TrajectoryFormat, TextWriter>();
    for (const format of new Set(formats)) {
      owners.set(`${format}/${split}.jsonl`, { format, split });
      texts.set(format, await files.openText(`${format}/${split}.jsonl`));
    }
    for await (const outcome of outcomes) {
      signal?.throwIfAborted();
      if (outcome.status === "failed") throw outcome.error;
      report.pairs += 1;
      if (outcome.status === "rejected") count(report.leftOut, outcome.reason);
      else {
        const chain = outcome.value;
        report.chains += 1;
        report.bridged += Number(chain.steps.some(({ bridge }) => bridge.length > 0));
        count(report.searches, String(chain.steps.length));
        for (const [format, text] of texts) await text.write(`${recordJson(trajectoryFormats[format](chain))}\n`);
      }
    }
  }
  const written = await files.commit({ keepsEmpty: false });
  return { ...report, files: written.map(({ name, ...file }) => ({ ...file, ...owners.get(name)! })) };
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

type Context = Pick<RunContext, "folder" | "signal" | "onProgress">;

/** Finds the chains of searches of pairs, such as `buildTrajectories` of `@rag-instruct/simulate`: one outcome a pair. */
export type FindTrajectories = (
  pairs: AsyncIterable<Pair>,
  options: { retriever: Retriever; signal?: AbortSignal; onProgress?: OnProgress },
) => AsyncIterable<Outcome<SearchTrajectory>>;

const reportFile = "trajectories.json";

/**
 * Writes the chains of searches of a run folder's pairs, by the parts of its splits where it has some, and `trajectories.json` with what
 * was left out. Throws `bad-input` where there is nothing to search.
 */
export async function writeRunTrajectories<C extends Context>(
  formats: readonly TrajectoryFormat[],
  {
    openRetriever,
    findTrajectories,
  }: {
    openRetriever?(context: C): Promise<(Retriever & AsyncDisposable) | undefined>;
    findTrajectories?: FindTrajectories;
  },
  reading: ReadingParts<C>,
): Promise<WrittenParts<TrajectoryFormat>> {
  const { folder, signal, onProgress } = reading.context;
  await using retriever = await openRetriever?.(reading.context);
  if (!retriever || !findTrajectories)
    throw new RagInstructError(
      "bad-input",
      `${folder.path(".")} has no corpus that chains of searches could search; leave ${formats.join(" and ")} out of exports, or make a run from documents`,
    );
  const parts = Object.entries(await readParts(reading));
  const splits = parts.map(([name, examples]) => {
    const pairs = pairsAmong(examples, reading);
    return [name, findTrajectories(pairs, { retriever, signal, onProgress })] as const;
  });
  const to = folder.path("exports");
  const { files, ...report } = await exportTrajectories({
    splits: Object.fromEntries(splits),
    to,
    formats,
    overwrite: true,
    signal,
  });
  const about = { splits: parts.map(([name]) => name), ...report };
  await writeAtomic(folder.path("exports", reportFile), `${JSON.stringify(about, null, 2)}\n`);
  await removeOtherParts(formats, { folder, files });
  const left = Object.entries(report.leftOut).map(([reason, count]) => [`left out as ${reason}`, count] as const);
  const counts = { "chains of searches": report.chains, ...Object.fromEntries(left) };
  return { files, counts, lines: [describeTrajectories(report)], report: reportFile };
}

/** The pairs of a run that became these examples, as people have left them. Holds the ids of the examples. */
async function* pairsAmong(
  examples: Source<{ id: string }>,
  { context: { folder, signal }, reviews }: ReadingParts<Context>,
): AsyncGenerator<Pair> {
  const ids = new Set<string>();
  for await (const { id } of examples) ids.add(id);
  for await (const pair of readJsonl<Pair>(folder.path("pairs.jsonl"))) {
    signal?.throwIfAborted();
    const kept = ids.has(pair.id) ? reviews.apply(pair) : undefined;
    if (kept) yield kept;
  }
}

function describeTrajectories({ pairs, chains, searches, bridged, leftOut }: Omit<TrajectoryReport, "files">): string {
  const lengths = Object.entries(searches).map(([length, count]) => [`of ${length}`, count] as const);
  const kinds = `${countedText(Object.fromEntries(lengths))}; ${bridged} with words of an earlier result`;
  const made = `chains of searches: ${chains} of ${amount(pairs, "pair")}${chains > 0 ? ` (${kinds})` : ""}`;
  const out = countedText(leftOut);
  return out === "" ? made : `${made}; left out: ${out}`;
}
