import { isObject } from "@rag-instruct/core";
import {
  hasConversation,
  lmsysFormat,
  messagesFormat,
  readConversation,
  sharegptFormat,
  slimorcaFormat,
  turnsFormat,
} from "./chats.ts";
import { asQuestion, type ExemplarFormat, otherShape, type Row, withMaterial } from "./format.ts";

import { exemplarFormat, longformFormat, openorcaFormat, promptFormat, ragInstructFormat } from "./questions.ts";

/** Dolly: `instruction`, `context`, `response`, `category`. */
const dollyFormat: ExemplarFormat = {
  name: "dolly",
  kind: "instruction",
  matches: (row) => "instruction" in row && "response" in row,
  read: (row) => readInstruction(row, row.context),
};

/** Alpaca: `instruction`, `input`, `output`. */
const alpacaFormat: ExemplarFormat = {
  name: "alpaca",
  kind: "instruction",
  matches: (row) => instructionOf(row) !== undefined,
  read: (row) => readInstruction(row, row.input),
};

/**
 * WizardLM's evol-instruct: 70k as `instruction` and `output` or as `conversations`, V2 196k as `idx` and `conversations`,
 * the test set as `Instruction` and `Skill`.
 */
const wizardlmFormat: ExemplarFormat = {
  name: "wizardlm",
  kind: "instruction",
  matches: (row) =>
    ("idx" in row && hasConversation(row)) || ("Instruction" in row && "Skill" in row) || isInstructionAlone(row),
  isPlain: isInstructionAlone,
  read: (row) => (hasConversation(row) ? readConversation(row) : readInstruction(row, row.input)),
};

/** Self-instruct seeds: `instruction` with `instances`, of which the first one's input counts. */
const selfInstructFormat: ExemplarFormat = {
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

/** Every format, the most particular first. Another one is a file beside these and a line here. */
export const formats: readonly ExemplarFormat[] = [
  ragInstructFormat,
  lmsysFormat,
  selfInstructFormat,
  wizardlmFormat,
  slimorcaFormat,
  sharegptFormat,
  messagesFormat,
  turnsFormat,
  openorcaFormat,
  dollyFormat,
  alpacaFormat,
  exemplarFormat,
  promptFormat,
  longformFormat,
];

/** A row by its own shape. */
interface Shape {
  format: ExemplarFormat;
  value: unknown;
}

/**
 * What a file's rows are called: each by its own format; a plain one by the telling format of its kind that most of the file's first
 * rows are of. Where none of them tells, a file's name may, as that of a copy of Alpaca whose rows name no empty input.
 */
export function labelOf(first: readonly Shape[], fileName: string): (format: ExemplarFormat, value: unknown) => string {
  const isPlain = ({ format, value }: Shape) => format.isPlain?.(value as Row) ?? false;
  const telling = Map.groupBy(
    first.filter((shape) => !isPlain(shape)),
    ({ format }) => format,
  );
  const byNumber = [...telling].sort(([, a], [, b]) => b.length - a.length).map(([format]) => format);
  const isAlpaca = /alpaca/i.test(fileName) && !/evol|wizard/i.test(fileName);
  return (format, value) => {
    if (!isPlain({ format, value })) return format.name;
    const other = byNumber.find(({ kind }) => kind === format.kind);
    return (other ?? (format === wizardlmFormat && isAlpaca ? alpacaFormat : format)).name;
  };
}

/** Why no row of a file can be an exemplar, as one of its rows shows; undefined where that is not so. */
export function refusalOf(row: Row): string | undefined {
  if (Array.isArray(row.input_ids)) return "it holds token ids, not text; give the file that they were made from";
  const entries = Object.values(row);
  const isListing = entries.length > 0 && entries.every((entry) => isListed(entry));
  return isListing
    ? "it is a list of datasets (dataset_info.json), not one; give one of the files it names"
    : undefined;
}

function isListed(entry: unknown): boolean {
  const places = ["file_name", "hf_hub_url", "ms_hub_url", "script_url", "cloud_file_name"];
  return typeof entry === "object" && entry !== null && places.some((place) => place in entry);
}
