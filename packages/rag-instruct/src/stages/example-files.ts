import { type Outcome, RagInstructError, type TrainingExample } from "@rag-instruct/core";
import { openAtomic } from "@rag-instruct/core/node";

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
