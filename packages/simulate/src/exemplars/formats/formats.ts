import { lmsysFormat, messagesFormat, sharegptFormat, slimorcaFormat, turnsFormat } from "./chats.ts";
import type { ExemplarFormat, Row } from "./format.ts";
import { alpacaFormat, dollyFormat, selfInstructFormat, wizardlmFormat } from "./instructions.ts";
import { exemplarFormat, longformFormat, openorcaFormat, promptFormat, ragInstructFormat } from "./questions.ts";

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
