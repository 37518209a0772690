import { type Outcome, type Pair, RagInstructError, type TrainingExample } from "@rag-instruct/core";
import { openAtomic, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { assembleExamples, type NoiseRefusal } from "@rag-instruct/format";
import { type NoiseReport, proveNoise } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { openRetriever } from "../run/retriever.ts";
import type { Stage, StageContext } from "./stage.ts";

/** What `noise.json` holds. */
export interface RunNoise {
  /** Candidates that the guards refused by words, by reason. */
  refused: Record<NoiseRefusal, number>;
  /** What a model found, at `judge` and up. */
  proof?: NoiseReport;
}

/**
 * Pairs with noise documents, to `train.jsonl`; those that found none, or one that answers the question, to `unassembled.jsonl`.
 * What the guards and, at `judge` and up, the model say of the noise goes to `noise.json`.
 */
export function assembleStage(config: ResolvedConfig): Stage {
  const { documents, beyond, depth, seed, noiseSample, verify, budget } = config;
  const model = describeModel(nameModel(config.model));
  return {
    name: "assemble",
    inputs: {
      documents,
      beyond,
      depth,
      seed,
      noiseSample: verify === "lexical" ? undefined : noiseSample,
      model: verify === "lexical" ? undefined : model,
      budget: verify === "lexical" ? undefined : (budget ?? null),
    },
    outputs: ["train.jsonl", "unassembled.jsonl", "noise.json"],
    async run(context) {
      const { folder } = context;
      const noise: RunNoise = { refused: { source: 0, "near-copy": 0, "states-answer": 0, repeated: 0 } };
      await using retriever = await openRetriever(config, context);
      await using files = await openExampleFiles(folder.path("train.jsonl"), folder.path("unassembled.jsonl"));
      const examples = assemblePairs(config, { context, retriever, files, noise });
      if (verify === "lexical") for await (const example of examples) await files.keep(example);
      else noise.proof = await checkNoise(examples, { config, context, files });
      const { counts, reasons } = files;
      if (counts.examples === 0) throw noneAssembled(counts.rejected + counts.failed, reasons);
      await files.commit();
      await writeAtomic(folder.path("noise.json"), `${JSON.stringify(noise, null, 2)}\n`);
      return { counts: { ...counts } };
    },
  };
}

interface Assembly {
  context: StageContext;
  retriever: Awaited<ReturnType<typeof openRetriever>>;
  files: ExampleFiles;
  noise: RunNoise;
}

/** The examples that found their noise; the pairs that did not are left out on the way. */
async function* assemblePairs(
  { documents, beyond, depth, seed }: ResolvedConfig,
  { context: { folder, signal, onProgress }, retriever, files, noise }: Assembly,
): AsyncGenerator<TrainingExample> {
  const outcomes = assembleExamples({
    pairs: readJsonl<Pair>(folder.path("pairs.jsonl")),
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
    else await files.leaveOut(outcome);
  }
}

/** Asks a model about the noise of a sample, and leaves out what answers its question. */
async function checkNoise(
  examples: AsyncIterable<TrainingExample>,
  { config, context, files }: { config: ResolvedConfig; context: StageContext; files: ExampleFiles },
): Promise<NoiseReport> {
  const { signal, onProgress, model } = context;
  const proof = proveNoise({
    examples,
    model,
    calls: await context.calls.open(),
    sample: config.noiseSample,
    seed: config.seed,
    onProgress,
    signal,
  });
  for await (const outcome of proof) {
    if (outcome.status === "accepted") await files.keep(outcome.value);
    else await files.leaveOut(outcome);
  }
  return proof.report();
}

function noneAssembled(pairs: number, reasons: ReadonlyMap<string, number>): RagInstructError {
  const why = Array.from(reasons, ([reason, count]) => `${count} × ${reason}`).join(", ");
  return new RagInstructError(
    "corpus-too-small",
    `none of ${pairs} pairs found its noise documents (${why}); add documents to the corpus`,
  );
}

/** A line of `unassembled.jsonl`: a pair that became no training example, and why. */
export interface Unassembled {
  status: "rejected" | "failed";
  id: string;
  /** Of a failed one the code of its error. */
  reason: string;
  detail: string;
  /** The model's reply that says so, where one was asked. */
  raw?: string;
}

/** The two files that pairs end in, whole or not at all, and what is in them. */
export interface ExampleFiles extends AsyncDisposable {
  keep(example: TrainingExample): Promise<void>;
  leaveOut(outcome: Exclude<Outcome<unknown>, { status: "accepted" }>): Promise<void>;
  readonly counts: Record<"examples" | "rejected" | "failed" | "source documents" | "noise documents", number>;
  /** Of what was left out. */
  readonly reasons: ReadonlyMap<string, number>;
  commit(): Promise<void>;
}

/** Opens `train.jsonl` and `unassembled.jsonl`; without `commit` nothing of them is left. */
export async function openExampleFiles(train: string, unassembled: string): Promise<ExampleFiles> {
  const files = [await openAtomic(train), await openAtomic(unassembled)] as const;
  const [kept, left] = files;
  const counts = { examples: 0, rejected: 0, failed: 0, "source documents": 0, "noise documents": 0 };
  const reasons = new Map<string, number>();
  return {
    counts,
    reasons,
    async keep(example) {
      counts.examples++;
      for (const { role } of example.documents) if (role !== "unknown") counts[`${role} documents`]++;
      await kept.write(`${JSON.stringify(example)}\n`);
    },
    async leaveOut(outcome) {
      const line = lineOf(outcome);
      counts[outcome.status]++;
      reasons.set(line.reason, (reasons.get(line.reason) ?? 0) + 1);
      await left.write(`${JSON.stringify(line)}\n`);
    },
    async commit() {
      for (const file of files) await file.commit();
    },
    async [Symbol.asyncDispose]() {
      for (const file of files) await file.discard();
    },
  };
}

function lineOf(outcome: Exclude<Outcome<unknown>, { status: "accepted" }>): Unassembled {
  const { status, id } = outcome;
  if (status === "rejected") {
    const { reason, detail, raw } = outcome;
    return { status, id, reason, detail, raw };
  }
  const { error } = outcome;
  return { status, id, reason: RagInstructError.is(error) ? error.code : error.name, detail: error.message };
}
