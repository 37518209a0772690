import { detectTask } from "../detect-task.ts";
import { textField } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

/** Alpaca, Dolly and WizardLM: `instruction` with an optional `input` or `context`, which follows it on a line of its own. */
export const alpacaFormat: ExemplarFormat = {
  name: "alpaca",
  matches: (record) => typeof (record.instruction ?? record.Instruction) === "string",
  read(record) {
    const instruction = textField(record, "instruction", "Instruction");
    if (!instruction) return { problem: "instruction is empty" };
    const input = textField(record, "input", "context");
    const question = input ? `${instruction}\n${input}` : instruction;
    return { question, source: "alpaca", task: detectTask(question) };
  },
};
