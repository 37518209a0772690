import { amount, dollarsText, durationText, numberText } from "@rag-instruct/core";
import type { CallsSummary } from "@rag-instruct/core/calls";
import { recordedModelId } from "./offline/recorded-request.ts";
import { unprovedLine } from "./synthesis/words.ts";

/** A run as {@link runLines} tells of it. */
export interface EndedRun {
  /** Provider and id of the model. */
  model: string;
  stages: readonly { name: string; counts: Readonly<Record<string, number>> }[];
  /** What the paid calls of all stages took this time. */
  calls: CallsSummary;
  seconds: number;
}

/** What is said of a run beside its counts, each part in lines. */
export interface RunWords {
  /** Follows the counts at once, such as what the replies cost. */
  cost: readonly string[];
  /** Each with an empty line before it. */
  parts: readonly (readonly string[])[];
  /** Where things are: what, and its path. */
  places: readonly (readonly [what: string, path: string])[];
  /** A pair to read, said after all that. @default none */
  pair?: readonly string[];
  /** The command that made it without a model, to be repeated with one. @default a model wrote it */
  standInCommand?: string;
}

const offlineNote = "The offline model wrote this: good for trying the flow, not for training.";
const recordedNote =
  "These pairs were recorded in advance, written by hand for the demo: no model's output, and not for training.";

/** What a run came to, in lines: counts that add up, cost, time, where things are, and what to do next. */
export function runLines({ model, stages, calls, seconds }: EndedRun, words: RunWords): string[] {
  const counts = Object.fromEntries(stages.map(({ name, counts }) => [name, counts]));
  const {
    requested = 0,
    accepted = 0,
    rejected = 0,
    failed = 0,
    unproved = 0,
    unrecorded = 0,
  } = counts.synthesize ?? {};
  const { examples = 0, rejected: refused = 0, failed: unchecked = 0 } = counts.assemble ?? {};
  const left = refused + unchecked;
  const { usd, made } = calls;
  const isRecorded = model.endsWith(`/${recordedModelId}`);
  const cost = usd > 0 ? `, ${dollarsText(usd)}` : "";
  // A judge reads what the writer read and replies about as much: so goes its price.
  const doubt = unprovedLine({ accepted, unproved }, { usd: usd > 0 ? (usd / made) * unproved : undefined });
  const lines = [
    "",
    `${amount(accepted, "pair")} accepted + ${numberText(rejected)} rejected + ${numberText(failed)} failed = ${numberText(requested)} attempted, ${isRecorded ? "recorded in advance" : `written by ${model}`}`,
    `${amount(examples, "training example")} + ${amount(left, "pair")} left out for their noise = ${numberText(examples + left)}`,
    `${amount(made, "call")} made now (${amount(calls.inputTokens, "token")} in, ${numberText(calls.outputTokens)} out${cost}) + ${numberText(calls.reused)} from the ledger, in ${durationText(seconds)}`,
    ...words.cost,
    ...words.parts.flatMap((part) => (part.length > 0 ? ["", ...part] : [])),
    "",
    ...words.places.map(([what, path]) => `  ${what.padEnd(14)} ${path}`),
  ];
  const { pair = [], standInCommand } = words;
  if (pair.length > 0) lines.push("", ...pair);
  if (standInCommand === undefined) return doubt ? [...lines, "", doubt] : lines;
  const others =
    unrecorded > 0 ? ` ${numberText(unrecorded)} that nothing was recorded for are the offline model's.` : "";
  return [
    ...lines,
    "",
    `${isRecorded ? recordedNote : offlineNote}${others} With a real model:`,
    `  ${standInCommand} --base-url http://127.0.0.1:11434/v1 --model llama3.1`,
    "or set OPENAI_API_KEY and run the same command again.",
  ];
}
