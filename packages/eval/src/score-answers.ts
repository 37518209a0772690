import { containsAnswer, optionLetter, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import type { EvalItem, Fields } from "./item.ts";
import { asText, isFields, textOf } from "./layouts/fields.ts";
import { type ReferenceScore, scoreReference } from "./score/reference.ts";
import { type ItemScore, scoreItem } from "./score/score-item.ts";

/** What is odd about an answer; it is scored all the same, and counted by name in the report. */
export type AnswerNote = "empty" | "cut-off" | "very-long";

/** An answer that was given and scored, both ways. */
export interface Scored {
  /** Id of the item. */
  id: string;
  benchmark: string;
  question: string;
  /** Choices in order, without their letters. */
  options?: string[];
  output: string;
  golds: string[];
  score: ItemScore;
  /** The published scorer's verdict; undefined where that scorer does not know the benchmark. */
  reference?: ReferenceScore;
  notes: AnswerNote[];
  /** Paragraphs shown. */
  documents: number;
  /** Whether a gold answer stands in the paragraphs shown; undefined without paragraphs and for choices and verdicts. */
  answerInDocuments?: boolean;
  /** Whether it was asked without any paragraph or text of its own; undefined for an answer made elsewhere. */
  closedBook?: boolean;
  groups?: Record<string, string>;
}

/** Characters from which an answer counts as very long: some fifty times what was asked for. */
const minVeryLong = 20_000;

/** Scores one answer both ways. */
export function scoreAnswer(
  benchmark: Benchmark,
  item: EvalItem,
  { output, documents = [], finishReason }: { output: string; documents?: readonly Passage[]; finishReason?: string },
): Scored {
  const reference = scoreReference(benchmark, item, output);
  const notes: AnswerNote[] = [];
  if (output.trim() === "") notes.push("empty");
  if (finishReason === "length") notes.push("cut-off");
  if (output.length >= minVeryLong) notes.push("very-long");
  return {
    id: item.id,
    benchmark: benchmark.id,
    question: item.question,
    options: item.options,
    output,
    golds: item.golds,
    score: scoreItem(benchmark, item, output),
    reference,
    notes,
    documents: documents.length,
    answerInDocuments: hasAnswer(benchmark, item, documents),
    groups: item.groups,
  };
}

function hasAnswer(benchmark: Benchmark, item: EvalItem, documents: readonly Passage[]): boolean | undefined {
  if (documents.length === 0 || benchmark.verdicts) return undefined;
  // Of a choice it is the text of the right option that documents may hold, not its letter.
  const answers = item.options ? item.options.filter((_, i) => item.golds.includes(optionLetter(i))) : item.golds;
  return documents.some(({ title, text }) =>
    answers.some((answer) => containsAnswer(text, answer) || containsAnswer(title, answer)),
  );
}

/** An answer that was made elsewhere. */
export interface Prediction {
  /** Id of the item. */
  id: string;
  output: string;
  /** Paragraphs it was answered from, where they are known. */
  documents?: readonly Passage[];
  finishReason?: string;
}

/** Scored predictions, and everything that does not match: scored + missing = items. */
export interface PredictionReport {
  scored: Scored[];
  /** Ids of items without a prediction. They are not scored as wrong. */
  missing: string[];
  /** Ids of predictions without an item. */
  unknown: string[];
  /** Ids predicted more than once; the first prediction counts. */
  duplicated: string[];
}

/**
 * Scores answers that were made elsewhere. Throws `bad-input` when no id matches, because then the file belongs to other
 * items, and `duplicate-id` for items of the same id.
 */
export async function scorePredictions({
  benchmark,
  items,
  predictions,
}: {
  benchmark: string | Benchmark;
  items: Source<EvalItem>;
  predictions: Source<Prediction>;
}): Promise<PredictionReport> {
  const found = findBenchmark(benchmark);
  const byId = new Map<string, Prediction>();
  const duplicated: string[] = [];
  for await (const prediction of predictions) {
    if (byId.has(prediction.id)) duplicated.push(prediction.id);
    else byId.set(prediction.id, prediction);
  }
  const scored: Scored[] = [];
  const missing: string[] = [];
  const seen = new Set<string>();
  for await (const item of items) {
    if (seen.has(item.id)) throw new RagInstructError("duplicate-id", `two items have the id ${item.id}`);
    seen.add(item.id);
    const prediction = byId.get(item.id);
    if (prediction) scored.push(scoreAnswer(found, item, prediction));
    else missing.push(item.id);
  }
  const unknown = [...byId.keys()].filter((id) => !seen.has(id));
  if (scored.length === 0 && (byId.size > 0 || seen.size > 0)) {
    throw new RagInstructError(
      "bad-input",
      `none of ${byId.size} predictions (${firstOf(unknown)}) is for one of ${seen.size} items (${firstOf(missing)}); check that both come from the same files`,
    );
  }
  return { scored, missing, unknown, duplicated };
}

function firstOf(ids: readonly string[]): string {
  return ids.length === 0 ? "none" : `first ${ids[0]}`;
}

/** Options of {@link readPredictions}. */
export interface ReadPredictionsOptions {
  /** Key of a record under which its prediction stands. @default the one key that can be no gold */
  key?: string;
  signal?: AbortSignal;
}

const idKeys = ["custom_id", "id", "_id", "qid", "question_id", "query_id", "item", "doc_id"];
/** Keys that hold what a model said, in the files of evaluation tools: lm-eval's are the last two. */
const predictionKeys = [
  "output",
  "outputs",
  "prediction",
  "pred",
  "predicted_answer",
  "pred_ans",
  "pred_answer",
  "model_answer",
  "model_output",
  "generated_answer",
  "generated_text",
  "generation",
  "completion",
  "response",
  "result",
  "filtered_resps",
  "resps",
];
/** Keys of a record that brings its question or its golds along, whose `answer` is then a gold. */
const itemKeys = ["question", "query", "input", "golds", "golden_answers", "gold", "label", "target", "answers", "doc"];

/**
 * Reads predictions: records with an id and one key for what the model said (`output`, `prediction`, `pred`, `response` … or `answer`
 * where the record has nothing else); one object of texts by id; HotpotQA's and 2WikiMultihopQA's `{ answer: {…}, sp }`, MuSiQue's
 * `predicted_answer`, KILT's `output[].answer`, FlashRAG's `output.pred`, lm-eval's samples, replies of batches of OpenAI and Anthropic. A gold is never taken for a prediction: where it
 * cannot be told which key is meant, `bad-record` lists the keys, and `key` says it. A prediction that is null is none, and its item
 * counts as missing. Throws `bad-record` for a record without an id or a prediction; an empty answer is one.
 */
export async function* readPredictions(
  path: string,
  { key, signal }: ReadPredictionsOptions = {},
): AsyncGenerator<Prediction> {
  for await (const { value, file, line } of readRecords(path, { signal })) {
    const wrong = (what: string) => new RagInstructError("bad-record", `${file}:${line}: ${what}`);
    if (!isFields(value)) throw wrong("a prediction needs an id and an output");
    const id = textOf(value, ...idKeys);
    if (id === undefined) yield* textsById(value, wrong);
    else {
      const named = key ?? predictionKeyOf(value, wrong);
      const output = saidBy(value[named], () => wrong(`its ${named} holds no text that is known for a prediction`));
      if (output !== undefined) yield { id, output };
    }
  }
}

type Wrong = (what: string) => RagInstructError;

function* textsById(value: Fields, wrong: Wrong): Generator<Prediction> {
  const texts = isFields(value.answer) ? value.answer : value;
  for (const [id, output] of Object.entries(texts)) {
    if (typeof output !== "string") throw wrong("a prediction needs an id and an output");
    yield { id, output };
  }
}

/** The one key that holds what the model said. */
function predictionKeyOf(record: Fields, wrong: Wrong): string {
  const present = predictionKeys.filter((key) => key in record);
  // lm-eval has both the replies and what is left of them once filtered.
  const candidates = present.includes("filtered_resps") ? present.filter((key) => key !== "resps") : present;
  if (candidates.length === 1) return candidates[0]!;
  const bringsItem = itemKeys.some((key) => key in record);
  if (candidates.length === 0 && "answer" in record && !bringsItem) return "answer";
  const keys = Object.keys(record).join(", ");
  throw wrong(`it cannot be told which key holds the prediction; the record has ${keys}; name one with \`key\``);
}

/** The text of a prediction, out of the wrapping of the tool that wrote it; undefined for null, for a list of none, and for a request of a batch that failed. */
function saidBy(value: unknown, unknown: () => RagInstructError): string | undefined {
  if (value === null || value === undefined) return undefined;
  // Reasoning may stand before the message.
  if (Array.isArray(value))
    return saidBy(value.find((part) => part?.type === "message" || part?.type === "text") ?? value[0], unknown);
  if (!isFields(value)) return typeof value === "string" ? value : asText(value);
  if (isFields(value.error) || Number(value.status_code ?? 200) >= 400) return undefined;
  const inner = innerKeys.map((key) => value[key]).find((found) => found !== undefined && found !== null);
  if (inner === undefined && !innerKeys.some((key) => key in value)) throw unknown();
  return saidBy(inner, unknown);
}

/** Under these keys tools and endpoints keep what was said, from the outside inwards. */
const innerKeys = ["pred", "answer", "body", "choices", "output", "message", "text", "content"];
