import type { Pair } from "@rag-instruct/core";
import type { PromptRequest } from "../collect-report.ts";
import type { RunItem } from "../read-run.ts";
import type { EditCheck } from "./api.ts";

/** What the viewer needs of other packages, each left out where it is not there. */
export interface ViewerTools {
  /** What a paradigm asks of question and documents, in a sentence. */
  ruleOf?(paradigm: string): string | undefined;
  /** The free checks over a pair as a person has edited it. */
  checkEdit?(item: RunItem & Partial<Pick<Pair, "question" | "answer" | "options">>): EditCheck | Promise<EditCheck>;
  promptOf?(request: PromptRequest): { instructions: string; prompt: string } | undefined;
}
