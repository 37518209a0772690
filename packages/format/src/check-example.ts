import { amount, RagInstructError, type TrainingDocument, type TrainingExample } from "@rag-instruct/core";
import { passageStates, statedAnswers } from "./noise.ts";

/** What can be wrong with a training example. */
export type ExampleFlaw =
  | "empty-question"
  | "empty-answer"
  | "document-count"
  | "no-source"
  | "source-missing"
  | "document-twice"
  | "noise-is-source"
  | "noise-states-answer";

/** One thing that is wrong, in words for people. */
export interface FoundFlaw {
  flaw: ExampleFlaw;
  detail: string;
}

/**
 * Checks what must hold of every training example: a question and an answer, as many documents as asked for, every
 * source among them, none twice, no noise that equals a source or states the answer. Documents whose role is unknown
 * are not judged as noise.
 * @param options.documents how many documents there must be; "any" takes every number. @default 10
 * @returns an empty list for a sound example
 */
export function checkExample(
  example: TrainingExample,
  { documents = 10 }: { documents?: number | "any" } = {},
): FoundFlaw[] {
  const flaws: FoundFlaw[] = [];
  const add = (flaw: ExampleFlaw, detail: string) => flaws.push({ flaw, detail });
  if (example.question.trim() === "") add("empty-question", "the question is empty");
  if (example.answer.trim() === "") add("empty-answer", "the answer is empty");
  if (documents !== "any" && example.documents.length !== documents) {
    add("document-count", `${amount(example.documents.length, "document")} instead of ${documents}`);
  }
  for (const id of missingSources(example)) add("source-missing", `source document ${id} is not among the documents`);
  if (!example.sourceIds && example.documents.length > 0 && example.documents.every(({ role }) => role === "noise")) {
    add("no-source", "no document is a source");
  }
  for (const { id } of repeated(example.documents)) add("document-twice", `document ${id} occurs twice`);
  flaws.push(...noiseFlaws(example));
  return flaws;
}

/** How examples are checked that are given out. */
export interface GivenOut {
  /** Documents each example must have; "any" takes every number. @default 10 */
  documents?: number | "any";
  /** What happens to an example that {@link checkExample} finds fault with: the export fails, or it is left out and counted. @default "fail" */
  flawed?: "fail" | "leave-out";
}

/** The first flaw of an example that is to be left out for it. Throws `bad-record` where flaws fail an export. */
export function flawOf(example: TrainingExample, { documents, flawed = "fail" }: GivenOut): ExampleFlaw | undefined {
  const [flaw] = checkExample(example, { documents });
  if (flaw && flawed === "fail") throw new RagInstructError("bad-record", `example ${example.id}: ${flaw.detail}`);
  return flaw?.flaw;
}

function missingSources({ sourceIds = [], documents }: TrainingExample): string[] {
  const present = new Set(documents.filter(({ role }) => role !== "noise").map(({ id }) => id));
  return sourceIds.filter((id) => !present.has(id));
}

function repeated(documents: readonly TrainingDocument[]): TrainingDocument[] {
  const seen = new Set<string>();
  return documents.filter(({ id }) => seen.size === seen.add(id).size);
}

function noiseFlaws({ documents, ...pair }: TrainingExample): FoundFlaw[] {
  const sourceTexts = new Set(documents.filter(({ role }) => role === "source").map(({ text }) => text.trim()));
  const answers = statedAnswers(pair);
  return documents
    .filter(({ role }) => role === "noise")
    .flatMap((noise): FoundFlaw[] => {
      if (sourceTexts.has(noise.text.trim())) {
        return [{ flaw: "noise-is-source", detail: `noise document ${noise.id} has the text of a source` }];
      }
      const stated = answers.find((answer) => passageStates(noise, answer));
      if (stated === undefined) return [];
      return [{ flaw: "noise-states-answer", detail: `noise document ${noise.id} states the answer "${stated}"` }];
    });
}
