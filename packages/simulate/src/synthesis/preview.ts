import { mapOrdered, optionLetter, type Pair, type Source } from "@rag-instruct/core";
import { allParadigms, describeRelation, type Paradigm, paradigmById, renderPrompt } from "@rag-instruct/paradigms";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { askerFor } from "../verify/verify.ts";
import { pairInFullLines } from "./run-lines.ts";
import type { SynthesizeOptions } from "./synthesize.ts";
import { type SynthesisOutcome, writePair } from "./write-pair.ts";

/** One pair with all that led to it. */
export interface Preview {
  task: SynthesisTask;
  /** What the model was asked, its fixed and its own part. */
  instructions: string;
  prompt: string;
  /** What it replied; undefined where there was no reply. */
  reply?: string;
  /** What the checks say of the pair. */
  outcome: SynthesisOutcome;
}

/** Options of {@link previewPairs}. */
export interface PreviewOptions
  extends Pick<
    SynthesizeOptions,
    "tasks" | "model" | "calls" | "paradigms" | "language" | "settings" | "verify" | "forbidden" | "deadline" | "signal"
  > {
  /** Pairs, from the first task on. @default one of each paradigm */
  count?: number;
}

/**
 * Writes a few pairs of a plan and gives them with prompt, reply and checks, in the order of the plan. The calls are those that
 * {@link synthesize} makes for the same tasks, so that it finds their replies in the ledger. Throws what stops all calls.
 */
export async function* previewPairs(options: PreviewOptions): AsyncGenerator<Preview> {
  const { model, calls, paradigms = allParadigms, language, settings = {}, deadline = 900_000 } = options;
  const { level, model: judge = model } = options.verify ?? { level: "lexical" };
  const verification = { level, asker: askerFor(level, { model: judge, calls }) };
  const previews = mapOrdered(
    chosen(options.tasks, options.count),
    async (task, { signal }): Promise<Preview> => {
      const paradigm = paradigmById(task.paradigm, paradigms);
      const { outcome, raw } = await writePair(task, {
        model,
        calls,
        paradigm,
        settings,
        language,
        verification,
        forbidden: options.forbidden,
        retryRejected: false,
        deadline: { milliseconds: deadline },
        signal,
      });
      const { documents, exemplar } = task;
      const { instructions, prompt } = renderPrompt({ paradigm, documents, exemplar, language });
      return { task, instructions, prompt, reply: raw, outcome };
    },
    { concurrency: calls.roomFor, signal: options.signal },
  );
  yield* previews;
}

async function* chosen(tasks: Source<SynthesisTask>, count: number | undefined): AsyncGenerator<SynthesisTask> {
  const seen = new Set<string>();
  let left = count ?? Number.POSITIVE_INFINITY;
  for await (const task of tasks) {
    if (left === 0 || task.reserve) return;
    if (count === undefined && seen.has(task.paradigm)) continue;
    seen.add(task.paradigm);
    left--;
    yield task;
  }
}

/** A preview as text for people. */
export function previewText({ task, instructions, prompt, reply, outcome }: Preview): string {
  const { paradigm, documents } = task;
  const titles = documents.map(({ title, id }, i) => `  [${i + 1}] ${title || id}`);
  return [
    `── ${paradigm} ──`,
    "",
    "Instructions",
    indented(instructions),
    "",
    "Prompt, with the documents and the exemplar",
    indented(prompt),
    "",
    "Documents",
    ...titles,
    "",
    "Reply",
    indented(reply ?? "none"),
    "",
    ...verdictLines(outcome),
    "",
  ].join("\n");
}

/** The same without prompt, reply and checks: the pair and where it stands, or why there is none. */
export function previewBrief({ task: { paradigm }, outcome }: Preview): string {
  const lines =
    outcome.status === "accepted"
      ? pairInFullLines(outcome.value)
      : verdictLines(outcome)
          .slice(0, 1)
          .map((line) => `  ${line}`);
  return [`── ${paradigm} ──`, ...lines, ""].join("\n");
}

function verdictLines(outcome: SynthesisOutcome): string[] {
  if (outcome.status === "failed") return [`Failed: ${outcome.error.message}`];
  if (outcome.status === "rejected")
    return [`Rejected as ${outcome.reason}: ${outcome.detail}`, ...checkLines(outcome.input.evidence)];
  const { question, answer, options = [], evidence } = outcome.value;
  return [
    "Accepted",
    `  question  ${question}`,
    ...options.map((option, i) => `  option ${optionLetter(i)}  ${option}`),
    `  answer    ${answer}`,
    ...checkLines(evidence),
  ];
}

function checkLines(evidence: Readonly<Record<string, unknown>> = {}): string[] {
  return Object.entries(evidence).map(([name, found]) => `  ${name.padEnd(8)}  ${JSON.stringify(found)}`);
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** A preview as plain data for a page: the pair, its documents by their numbers, the whole prompt, and what became of it. */
export function previewItem(
  { task, instructions, prompt, reply, outcome }: Preview,
  paradigms: Readonly<Record<string, Paradigm>> = allParadigms,
) {
  const { paradigm, documents, exemplar } = task;
  const pair = outcome.status === "accepted" ? outcome.value : outcome.input;
  const { question = "", answer = "", options, evidence } = pair as Partial<Pair>;
  const known = paradigms[paradigm];
  return {
    id: outcome.id,
    paradigm,
    rule: known && describeRelation(known),
    question,
    answer,
    options,
    evidence,
    documents: documents.map((passage, i) => ({ ...passage, role: "source" as const, number: i + 1 })),
    exemplar,
    prompt: `${instructions}\n\n${prompt}`,
    reply,
    verdict: outcome.status,
    reason: outcome.status === "rejected" ? outcome.reason : undefined,
    detail:
      outcome.status === "rejected" ? outcome.detail : outcome.status === "failed" ? outcome.error.message : undefined,
  };
}
