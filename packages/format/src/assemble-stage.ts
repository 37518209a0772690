import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type FailedAnswer,
  type Outcome,
  type Pair,
  type PassageStore,
  programName,
  RagInstructError,
  type Retriever,
  shellWord,
  type Tally,
  type TrainingExample,
} from "@rag-instruct/core";
import {
  hashReviews,
  type OutcomeFiles,
  openOutcomeFiles,
  type Refused,
  type RunContext,
  type RunFolder,
  readJsonl,
  readReviews,
  type Stage,
  type StageTools,
  writeAtomic,
} from "@rag-instruct/core/node";
import { assembleExamples } from "./assemble.ts";
import { countNoise, type NoiseRanks, type NoiseRefusal, rankingWhole, relaxedNoiseLine } from "./noise.ts";

/** A check of the examples' noise that asks a model: those whose noise answers their question come out rejected. */
export interface NoiseCheck extends AsyncIterable<Outcome<TrainingExample>> {
  /** What it found, once it has been read to its end. */
  report(): unknown;
}

/** Options of {@link assembleStage}. */
export interface AssembleStageOptions<Context> {
  /** The run folder, whose reviews decide too. */
  to: string;
  /** What the model that checks noise is, and what it may cost, as inputs of the stage. */
  checking?: Readonly<Record<string, unknown>>;
  /** Documents of an example. */
  documents: number;
  /** Noise is taken from ranks beyond this one, to `depth`. */
  beyond: number;
  depth: number;
  seed: number;
  /** Opens what ranks passages; undefined where there is no corpus, so that examples have their sources alone. */
  openRetriever(context: Context): Promise<(Retriever & AsyncDisposable) | undefined>;
  /** Opens what the run folder has kept of wrong answers, which examples keep. @default nothing */
  openFailures?: (run: string) => Promise<(pair: Pair) => FailedAnswer[]>;
  /** Opens the passages, by which a small corpus is ranked whole. @default a question has no noise but what its ranking finds */
  openPassages?(folder: RunFolder): Promise<(PassageStore & AsyncDisposable) | undefined>;
  /** Checks the noise of examples by a model. @default it is guarded by words alone */
  check?: (examples: AsyncIterable<TrainingExample>, context: Context) => Promise<NoiseCheck>;
}

/** What `noise.json` holds. */
interface RunNoise {
  /** Candidates that the guards refused by words, by reason. */
  refused: Record<NoiseRefusal, number>;
  /** How many noise documents rank better than asked for. */
  ranks: NoiseRanks;
  /** What a model found, where one was asked. */
  proof?: unknown;
}

/** What is said of the noise of a run that has training examples where it is from better ranks than asked for; empty where none is. */
export async function relaxedNoise(run: string): Promise<string> {
  const { ranks }: Partial<RunNoise> = JSON.parse(await readFile(join(run, "noise.json"), "utf8"));
  return ranks ? relaxedNoiseLine(ranks) : "";
}

/**
 * The stage of a run that gives pairs their noise documents, to `train.jsonl`; those that found none, or one that answers the question, go
 * to `unassembled.jsonl`. What the guards and a model say of the noise goes to `noise.json`.
 */
export function assembleStage<Context extends RunContext & StageTools>(
  options: AssembleStageOptions<Context>,
): Stage<Context> {
  const { to, checking, documents, beyond, depth, seed } = options;
  return {
    name: "assemble",
    inputs: async () => ({ documents, beyond, depth, seed, ...checking, reviews: await hashReviews(to) }),
    outputs: ["train.jsonl", "unassembled.jsonl", "noise.json"],
    stakes: {
      edited: { "train.jsonl": (_, run) => `${programName()} export ${shellWord(run)} gives out what it holds now` },
    },
    async run(context) {
      const { folder } = context;
      const noise: RunNoise = {
        refused: { source: 0, "near-copy": 0, "states-answer": 0, repeated: 0 },
        ranks: { documents: 0, relaxed: { "small-corpus": 0, guards: 0 }, beyond },
      };
      await using found = await options.openRetriever(context);
      await using passages = await options.openPassages?.(folder);
      const retriever = found && passages ? rankingWhole(found, { passages, seed }) : found;
      await using files = await openOutcomeFiles<TrainingExample>({
        accepted: folder.path("train.jsonl"),
        refused: folder.path("unassembled.jsonl"),
        refusedLine: unassembledLine,
      });
      const examples = assemblePairs(options, { context, retriever, files, noise });
      const checked = retriever && (await options.check?.(examples, context));
      let sources = 0;
      let unpaid = 0;
      let noRoom: unknown;
      for await (const outcome of checked ?? asOutcomes(examples)) {
        await files.add(outcome);
        if (outcome.status === "failed" && RagInstructError.is(outcome.error, "budget-exhausted")) {
          unpaid++;
          noRoom = outcome.error;
        }
        if (outcome.status !== "accepted") continue;
        sources += outcome.value.sourceIds?.length ?? 0;
        countNoise(noise.ranks, outcome.value.documents);
      }
      const tally = files.tally();
      if (tally.accepted === 0) throw noRoom ?? noneAssembled(tally);
      noise.proof = checked?.report();
      await context.replacing();
      await files.commit();
      await writeAtomic(folder.path("noise.json"), `${JSON.stringify(noise, null, 2)}\n`);
      const counts: Record<string, number> = {
        examples: tally.accepted,
        rejected: tally.rejected,
        failed: tally.failed,
        "source documents": sources,
        "noise documents": noise.ranks.documents,
      };
      if (unpaid > 0) counts.unpaid = unpaid;
      return { counts, open: unpaid };
    },
  };
}

type AssemblePairsOptions = Pick<
  AssembleStageOptions<never>,
  "documents" | "beyond" | "depth" | "seed" | "openFailures"
>;

interface Assembly {
  context: RunContext;
  retriever: Retriever | undefined;
  files: OutcomeFiles<TrainingExample>;
  noise: RunNoise;
}

/** The examples that found their noise; the pairs that did not are left out on the way. */
async function* assemblePairs(
  { documents, beyond, depth, seed, openFailures }: AssemblePairsOptions,
  { context: { folder, signal, onProgress }, retriever, files, noise }: Assembly,
): AsyncGenerator<TrainingExample> {
  const outcomes = assembleExamples({
    pairs: reviewedPairs(folder.path("."), files),
    retriever,
    documents,
    beyond,
    depth,
    failuresOf: await openFailures?.(folder.path(".")),
    seed,
    onProgress,
    signal,
  });
  for await (const outcome of outcomes) {
    for (const [reason, count] of Object.entries(outcome.refused ?? {})) noise.refused[reason as NoiseRefusal] += count;
    if (outcome.status === "accepted") yield outcome.value;
    else await files.add(outcome);
  }
}

/** The pairs as people decided on them; those that were rejected are left out by that name. */
async function* reviewedPairs(run: string, files: OutcomeFiles<TrainingExample>): AsyncGenerator<Pair> {
  const reviews = await readReviews(run);
  for await (const pair of readJsonl<Pair>(join(run, "pairs.jsonl"))) {
    const kept = reviews.apply(pair);
    if (kept) yield kept;
    else {
      const { decision, reason = "a person rejected it" } = reviews.of(pair) ?? {};
      const detail = decision === "rejected" ? reason : "a person rejected a turn before it";
      await files.add({ status: "rejected", id: pair.id, input: pair, reason: "rejected-by-reviewer", detail });
    }
  }
}

async function* asOutcomes(examples: AsyncIterable<TrainingExample>): AsyncGenerator<Outcome<TrainingExample>> {
  for await (const value of examples) yield { status: "accepted", id: value.id, value };
}

/** A line of `unassembled.jsonl`: a pair that became no training example, and why; of a failed one the code of its error. */
function unassembledLine(outcome: Refused): Record<string, unknown> {
  const { status, id } = outcome;
  if (status === "rejected") {
    const { reason, detail, raw } = outcome;
    return { status, id, reason, detail, raw };
  }
  const { error } = outcome;
  return { status, id, reason: RagInstructError.is(error) ? error.code : error.name, detail: error.message };
}

function noneAssembled({ requested, failed, reasons }: Tally): RagInstructError {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} × ${reason}`);
  if (failed > 0) why.push(`${failed} × failed`);
  return new RagInstructError(
    "corpus-too-small",
    `none of ${requested} pairs found its noise documents (${why.join(", ")}); add documents to the corpus`,
  );
}
