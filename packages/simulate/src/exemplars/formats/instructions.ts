import { isObject } from "@rag-instruct/core";
import { hasConversation, readConversation } from "./chats.ts";
import { asQuestion, type ExemplarFormat, otherShape, type Row, withMaterial } from "./format.ts";

/** Dolly: `instruction`, `context`, `response`, `category`. */
export const dollyFormat: ExemplarFormat = {
  name: "dolly",
  kind: "instruction",
  matches: (row) => "instruction" in row && "response" in row,
  read: (row) => readInstruction(row, row.context),
};

/** Alpaca: `instruction`, `input`, `output`. */
export const alpacaFormat: ExemplarFormat = {
  name: "alpaca",
  kind: "instruction",
  matches: (row) => instructionOf(row) !== undefined,
  read: (row) => readInstruction(row, row.input),
};

/**
 * WizardLM's evol-instruct: 70k as `instruction` and `output` or as `conversations`, V2 196k as `idx` and `conversations`,
 * the test set as `Instruction` and `Skill`.
 */
export const wizardlmFormat: ExemplarFormat = {
  name: "wizardlm",
  kind: "instruction",
  matches: (row) =>
    ("idx" in row && hasConversation(row)) || ("Instruction" in row && "Skill" in row) || isInstructionAlone(row),
  isPlain: isInstructionAlone,
  read: (row) => (hasConversation(row) ? readConversation(row) : readInstruction(row, row.input)),
};

/** Self-instruct seeds: `instruction` with `instances`, of which the first one's input counts. */
export const selfInstructFormat: ExemplarFormat = {
  name: "self-instruct",
  kind: "instruction",
  matches: (row) => "instruction" in row && Array.isArray(row.instances),
  read(row) {
    const instance: unknown = Array.isArray(row.instances) ? row.instances[0] : undefined;
    return readInstruction(row, isObject(instance) ? instance.input : undefined);
  },
};

/** As WizardLM's 70k has all its rows, and files of Alpaca's shape those that have no input. */
function isInstructionAlone(row: Row): boolean {
  return "instruction" in row && "output" in row && !("input" in row) && !("context" in row);
}

function instructionOf(row: Row): unknown {
  return row.instruction ?? row.Instruction;
}

function readInstruction(row: Row, material: unknown) {
  if (!("instruction" in row) && !("Instruction" in row)) return otherShape(row, "instruction");
  return withMaterial(asQuestion(instructionOf(row), "its instruction"), material);
}
