import type { OnProgress, Pair, Passage } from "@rag-instruct/core";
import type { PromptRequest } from "../collect-report.ts";
import type { RunItem } from "../read-run.ts";
import type { EditCheck, Price, TrialInstructions, TrialPrice, TriedPair } from "./api.ts";

/** What the viewer needs of other packages; without one of them it does not offer what that one does. */
export interface ViewerTools {
  /** What a paradigm asks of question and documents, in a sentence. */
  ruleOf?(paradigm: string): string | undefined;
  /** The free checks over a pair as a person has edited it. */
  checkEdit?(item: EditedItem): EditCheck | Promise<EditCheck>;
  /** A model that judges pairs of a run as a person has edited them. @default none is offered */
  judgeOf?(run: string): Promise<EditJudge | undefined>;
  /** The prompt that a pair was written from. */
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

/** What a tool answers: text for whoever reads it, and the same as data. */
export interface ToolAnswer {
  text: string | AsyncIterable<string>;
  /** An object that survives JSON. */
  json?: unknown;
}

/** What a tool is called with beside its input. */
export interface ToolContext {
  signal: AbortSignal;
  /** Hears of what is done meanwhile. @default nobody wants to */
  onProgress?: OnProgress;
}

/** What the server for agents needs of other packages: the work of its tools. What one throws is answered as an error, in its own words. */
export interface AgentTools extends Pick<ViewerTools, "ruleOf" | "checkEdit"> {
  /** Ranks passages of the run for a question. */
  search(question: string, options: ToolContext & { limit: number }): Promise<ToolAnswer>;
  /** Answers a question from the run's passages, by a model. */
  ask(question: string, options: ToolContext): Promise<ToolAnswer>;
  /** How the run stands. */
  status(options: ToolContext): Promise<ToolAnswer>;
  /** Writes a few pairs of the run's plan, whose replies the run keeps. It is called only where making is allowed. */
  preview(options: ToolContext & { count?: number }): Promise<ToolAnswer>;
  /** A passage of the run's corpus. Throws where there is none of this id. */
  document(id: string): Promise<Passage>;
}
