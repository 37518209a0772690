import { RagInstructError } from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";
import type { Fields } from "./item.ts";
import { asText, isFields, textOf } from "./layouts/fields.ts";
import type { Prediction } from "./score-answers.ts";

/** Options of {@link readPredictions}. */
export interface ReadPredictionsOptions {
  /** Key of a record under which its prediction stands. @default the one key that can be no gold */
  key?: string;
  signal?: AbortSignal;
}

const idKeys = ["id", "_id", "qid", "question_id", "query_id", "item", "doc_id"];
/** Keys that hold what a model said, in the files of evaluation tools: lm-eval's are the last two. */
const predictionKeys = [
  "output",
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
  "filtered_resps",
  "resps",
];
/** Keys of a record that brings its question or its golds along, whose `answer` is then a gold. */
const itemKeys = ["question", "query", "input", "golds", "golden_answers", "gold", "label", "target", "answers", "doc"];

/**
 * Reads predictions: records with an id and one key for what the model said (`output`, `prediction`, `pred`, `response` … or `answer`
 * where the record has nothing else); one object of texts by id; HotpotQA's and 2WikiMultihopQA's `{ answer: {…}, sp }`, MuSiQue's
 * `predicted_answer`, KILT's `output[].answer`, FlashRAG's `output.pred`, lm-eval's samples. A gold is never taken for a prediction: where it
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
      const output = saidBy(value[key ?? predictionKeyOf(value, wrong)]);
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

/** The text of a prediction, out of the wrapping of the tool that wrote it; undefined for null. */
function saidBy(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : saidBy(value[0]);
  if (isFields(value)) return saidBy(value.pred ?? value.answer ?? value.text);
  return typeof value === "string" ? value : asText(value);
}
