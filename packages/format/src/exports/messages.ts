import { exampleFromTurns, type RecordFormat } from "./record-format.ts";

/** Chat records `{ messages: [{ role, content }] }`, as OpenAI's fine-tuning, TRL and axolotl read them. */
export const messages: RecordFormat = {
  file: "messages.jsonl",
  layout: "lines",
  toRecord: ({ answer }, prompt) => ({
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: answer },
    ],
  }),
  fromRecord({ messages }) {
    if (!Array.isArray(messages)) return undefined;
    return exampleFromTurns(messages.map(({ role, content }) => ({ speaker: role, text: content })));
  },
};
