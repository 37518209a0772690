import { exampleFromPrompt, exampleFromTurns, type RecordFormat, type Turn } from "./record-format.ts";

/**
 * TRL's conversational prompt–completion records: `prompt` and `completion` are lists of one message each. TRL then
 * applies the model's chat template and trains on the completion alone.
 */
export const promptCompletion: RecordFormat = {
  file: "prompt-completion.jsonl",
  layout: "lines",
  toRecord: ({ answer }, prompt) => ({
    prompt: [{ role: "user", content: prompt }],
    completion: [{ role: "assistant", content: answer }],
  }),
  fromRecord({ prompt, completion }) {
    if (!Array.isArray(prompt) || !Array.isArray(completion)) return exampleFromPrompt(prompt, completion);
    return exampleFromTurns(
      [...prompt, ...completion].map(({ role, content }): Turn => ({ speaker: role, text: content })),
    );
  },
};
