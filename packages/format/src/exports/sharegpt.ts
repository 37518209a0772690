import { exampleFromTurns, type RecordFormat } from "./record-format.ts";

/** ShareGPT records `{ conversations: [{ from, value }] }`, from human to gpt. */
export const sharegpt: RecordFormat = {
  file: "sharegpt.jsonl",
  layout: "lines",
  toRecord: ({ id, answer }, prompt) => ({
    id,
    conversations: [
      { from: "human", value: prompt },
      { from: "gpt", value: answer },
    ],
  }),
  fromRecord({ id, conversations }) {
    if (!Array.isArray(conversations)) return undefined;
    const example = exampleFromTurns(conversations.map(({ from, value }) => ({ speaker: from, text: value })));
    return example && typeof id === "string" ? { ...example, id } : example;
  },
};
