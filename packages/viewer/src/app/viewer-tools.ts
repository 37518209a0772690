import type { Pair } from "@rag-instruct/core";
import type { PromptRequest } from "../collect-report.ts";
import type { RunItem } from "../read-run.ts";
import type { EditCheck, Price, TrialInstructions, TrialPrice, TriedPair } from "./api.ts";

/** What the viewer needs of other packages, each left out where it is not there. */
export interface ViewerTools {
  /** What a paradigm asks of question and documents, in a sentence. */
  ruleOf?(paradigm: string): string | undefined;
  /** The free checks over a pair as a person has edited it. */
  checkEdit?(item: EditedItem): EditCheck | Promise<EditCheck>;
  /** A model that judges pairs of a run as a person has edited them. @default none is offered */
  judgeOf?(run: string): Promise<EditJudge | undefined>;
  promptOf?(request: PromptRequest): { instructions: string; prompt: string } | undefined;
  /** Tries the first of the runs before it is paid for. @default that is not offered */
  trial?: RunTrial;
}

/** A pair of a run as a person has edited it. */
export type EditedItem = RunItem & Partial<Pick<Pair, "question" | "answer" | "options">>;

/** A model that is asked on request, for a price that is said before. */
export interface EditJudge {
  price(item: EditedItem): Promise<Price>;
  ask(item: EditedItem, options: { signal?: AbortSignal }): Promise<EditCheck>;
}

/** A run that is planned and not written: a pair of each paradigm is made under instructions that the page changes. */
export interface RunTrial {
  /** Those that the run has, with an empty text for each that can be added. */
  instructions: TrialInstructions;
  /** What trying calls and costs, and what the whole run does. Nothing is called. */
  price(instructions: TrialInstructions): Promise<TrialPrice>;
  /** Makes the calls. */
  make(instructions: TrialInstructions, options: { signal?: AbortSignal }): Promise<TriedPair[]>;
  /** Writes the config; gives its file, and the command that makes the rest. */
  keep(instructions: TrialInstructions): Promise<{ file: string; command: string }>;
}
