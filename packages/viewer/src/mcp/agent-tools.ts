import type { Passage } from "@rag-instruct/core";
import type { ViewerTools } from "../app/viewer-tools.ts";

/** What a tool answers: text for whoever reads it, and the same as data. */
export interface ToolAnswer {
  text: string | AsyncIterable<string>;
  /** An object that survives JSON. */
  json?: unknown;
}

/** What a tool is called with beside its input. */
export interface ToolContext {
  signal: AbortSignal;
}

/** What the server needs of other packages: the work of its tools. What one throws is answered as an error, in its own words. */
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
