import { questionWithOptions, type TrainingExample } from "@rag-instruct/core";
import { dpr } from "./dpr.ts";
import {
  exampleFrom,
  exampleFromPrompt,
  exampleFromTurns,
  type RecordFormat,
  type Turn,
  turnsOf,
} from "./record-format.ts";

/** Everything an example holds, one a line: roles, ranks, ids, paradigm, model. */
const examplesLines: RecordFormat = {
  file: "examples.jsonl",
  layout: "lines",
  toRecord: (example) => example,
  fromRecord(record) {
    const { id, paradigm, question, answer, documents } = record;
    if ([id, paradigm, question, answer].some((value) => typeof value !== "string")) return undefined;
    if (!Array.isArray(documents) || !documents.every(isTrainingDocument)) return undefined;
    return record as unknown as TrainingExample;
  },
};

function isTrainingDocument(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, title, text, role } = value as Record<string, unknown>;
  return [id, title, text].every((field) => typeof field === "string") && /^(source|noise|unknown)$/.test(String(role));
}

/** The published data set's own records: `{ question, answer, documents: string[] }`, choices following the question. */
const ragInstructLines: RecordFormat = {
  file: "rag-instruct.jsonl",
  layout: "lines",
  toRecord: ({ question, answer, options, documents, history }) =>
    history
      ? undefined
      : {
          question: questionWithOptions({ question, options }),
          answer,
          documents: documents.map(({ text }) => text),
        },
  fromRecord({ question, answer, documents = [] }) {
    if (typeof question !== "string" || typeof answer !== "string") return undefined;
    if (!Array.isArray(documents) || !documents.every((document) => typeof document === "string")) return undefined;
    return exampleFrom({ question, answer, documents });
  },
};

/** The same records as one JSON array, as the method's training script reads them. */
const ragInstructArray: RecordFormat = { ...ragInstructLines, file: "rag-instruct.json", layout: "array" };

/** Alpaca records `{ instruction, input, output }`: the whole prompt is the instruction, so that its bytes stay as rendered. */
const alpaca: RecordFormat = {
  file: "alpaca.jsonl",
  layout: "lines",
  toRecord: ({ answer, history }, prompt) => (history ? undefined : { instruction: prompt, input: "", output: answer }),
  fromRecord({ instruction, input, output }) {
    if (input !== undefined && input !== "") return undefined;
    return exampleFromPrompt(instruction, output);
  },
};

/** What LLaMA-Factory is told of ShareGPT's records. */
export const sharegptTags = { role_tag: "from", content_tag: "value", user_tag: "human", assistant_tag: "gpt" };

/** ShareGPT records `{ conversations: [{ from, value }] }`, from human to gpt. */
const sharegpt: RecordFormat = {
  file: "sharegpt.jsonl",
  layout: "lines",
  toRecord: (example, prompt) => ({
    id: example.id,
    conversations: turnsOf(example, prompt, {
      user: (value) => ({ from: "human", value }),
      assistant: (value) => ({ from: "gpt", value }),
    }),
  }),
  fromRecord({ id, conversations }) {
    if (!Array.isArray(conversations)) return undefined;
    const example = exampleFromTurns(conversations.map(({ from, value }) => ({ speaker: from, text: value })));
    return example && typeof id === "string" ? { ...example, id } : example;
  },
};

/** Who speaks, as chat APIs name it. */
const roles = {
  user: (content: string) => ({ role: "user", content }),
  assistant: (content: string) => ({ role: "assistant", content }),
};

/** Chat records `{ messages: [{ role, content }] }`, as OpenAI's fine-tuning, TRL and axolotl read them. */
const messages: RecordFormat = {
  file: "messages.jsonl",
  layout: "lines",
  toRecord: (example, prompt) => ({ messages: turnsOf(example, prompt, roles) }),
  fromRecord({ messages }) {
    if (!Array.isArray(messages)) return undefined;
    return exampleFromTurns(messages.map(({ role, content }) => ({ speaker: role, text: content })));
  },
};

/**
 * TRL's conversational prompt–completion records: `prompt` and `completion` are lists of one message each. TRL then
 * applies the model's chat template and trains on the completion alone.
 */
const promptCompletion: RecordFormat = {
  file: "prompt-completion.jsonl",
  layout: "lines",
  toRecord: (example, prompt, place) => {
    const turns = turnsOf(example, prompt, roles);
    return {
      prompt: turns.slice(0, -1),
      completion: turns.slice(-1),
      documents: place?.documents,
      layout: place?.layout,
    };
  },
  fromRecord({ prompt, completion }) {
    if (!Array.isArray(prompt) || !Array.isArray(completion)) return exampleFromPrompt(prompt, completion);
    return exampleFromTurns(
      [...prompt, ...completion].map(({ role, content }): Turn => ({ speaker: role, text: content })),
    );
  },
};

/** The formats that are JSON records. */
export const recordFormats = {
  examples: examplesLines,
  "rag-instruct": ragInstructLines,
  "rag-instruct-json": ragInstructArray,
  alpaca,
  sharegpt,
  messages,
  "prompt-completion": promptCompletion,
  dpr,
} as const satisfies Record<string, RecordFormat>;
