import { join } from "node:path";
import {
  amount,
  type Outcome,
  type Pair,
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
  readJsonl,
  readReviews,
  writeAtomic,
} from "@rag-instruct/core/node";
import { assembleExamples, countNoise, type NoiseRanks, type NoiseRefusal } from "@rag-instruct/format";
import { isUnpaid, type NoiseReport, proveNoise } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { openFolderRetriever } from "../run/retriever.ts";
import type { PipelineStage, StageContext } from "./stage.ts";

/** What `noise.json` holds. */
export interface RunNoise {
  /** Candidates that the guards refused by words, by reason. */
  refused: Record<NoiseRefusal, number>;
  /** How many noise documents rank better than asked for. */
  ranks: NoiseRanks;
  /** What a model found, at `judge` and up. */
  proof?: NoiseReport;
}

/**
 * Pairs with noise documents, to `train.jsonl`; those that found none, or one that answers the question, to `unassembled.jsonl`.
 * What the guards and, at `judge` and up, the model say of the noise goes to `noise.json`.
 */
export function assembleStage(config: ResolvedConfig): PipelineStage {
  const { documents, beyond, depth, seed, noiseSample, verify, budget } = config;
  const model = describeModel(nameModel(config.model));
  return {
    name: "assemble",
    inputs: async () => ({
      documents,
      beyond,
      depth,
      seed,
      noiseSample: verify === "lexical" ? undefined : noiseSample,
      model: verify === "lexical" ? undefined : model,
      budget: verify === "lexical" ? undefined : (budget ?? null),
      reviews: await hashReviews(config.to),
    }),
    outputs: ["train.jsonl", "unassembled.jsonl", "noise.json"],
    stakes: {
      edited: { "train.jsonl": (_, run) => `rag-instruct export ${shellWord(run)} gives out what it holds now` },
    },
    async run(context) {
      const { folder } = context;
      const noise: RunNoise = {
        refused: { source: 0, "near-copy": 0, "states-answer": 0, repeated: 0 },
        ranks: { documents: 0, relaxed: { "small-corpus": 0, guards: 0 }, beyond },
      };
      await using retriever = await openFolderRetriever(config, context);
      await using files = await openOutcomeFiles<TrainingExample>({
        accepted: folder.path("train.jsonl"),
        refused: folder.path("unassembled.jsonl"),
        refusedLine: unassembledLine,
      });
      const examples = assemblePairs(config, { context, retriever, files, noise });
      const proof = verify === "lexical" ? undefined : await proveExamples(examples, config, context);
      let sources = 0;
      let unpaid = 0;
      let noRoom: unknown;
      for await (const outcome of proof ?? asOutcomes(examples)) {
        await files.add(outcome);
        if (isUnpaid(outcome)) {
          unpaid++;
          noRoom = outcome.error;
        }
        if (outcome.status !== "accepted") continue;
        sources += outcome.value.sourceIds?.length ?? 0;
        countNoise(noise.ranks, outcome.value.documents);
      }
      const tally = files.tally();
      if (tally.accepted === 0) throw noRoom ?? noneAssembled(tally);
      noise.proof = proof?.report();
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

interface Assembly {
  context: StageContext;
  retriever: Retriever;
  files: OutcomeFiles<TrainingExample>;
  noise: RunNoise;
}

/** The examples that found their noise; the pairs that did not are left out on the way. */
async function* assemblePairs(
  { documents, beyond, depth, seed }: ResolvedConfig,
  { context: { folder, signal, onProgress }, retriever, files, noise }: Assembly,
): AsyncGenerator<TrainingExample> {
  const outcomes = assembleExamples({
    pairs: reviewedPairs(folder.path("."), files),
    retriever,
    documents,
    beyond,
    depth,
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
      const detail = reviews.of(pair)?.reason ?? "a person rejected it";
      await files.add({ status: "rejected", id: pair.id, input: pair, reason: "rejected-by-reviewer", detail });
    }
  }
}

/** Asks a model about the noise of a sample; an example whose noise answers its question is rejected. */
async function proveExamples(
  examples: AsyncIterable<TrainingExample>,
  { noiseSample, seed }: ResolvedConfig,
  { model, calls, onProgress, signal }: StageContext,
) {
  return proveNoise({ examples, model, calls: await calls.open(), sample: noiseSample, seed, onProgress, signal });
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

/** Throws `corpus-too-small` where a corpus cannot fill an example: its search index is of use all the same. */
export function requireExample(passages: number, { documents }: Pick<ResolvedConfig, "documents">): void {
  if (passages >= documents) return;
  throw new RagInstructError(
    "corpus-too-small",
    `the corpus has ${amount(passages, "passage")} and a training example needs ${documents}; add documents, or lower --n-docs`,
  );
}
