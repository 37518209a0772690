import { exampleFromPrompt, type RecordFormat } from "./record-format.ts";

/** Alpaca records `{ instruction, input, output }`: the whole prompt is the instruction, so that its bytes stay as rendered. */
export const alpaca: RecordFormat = {
  file: "alpaca.jsonl",
  layout: "lines",
  toRecord: ({ answer }, prompt) => ({ instruction: prompt, input: "", output: answer }),
  fromRecord({ instruction, input, output }) {
    if (input !== undefined && input !== "") return undefined;
    return exampleFromPrompt(instruction, output);
  },
};
