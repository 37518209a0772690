import { type Exemplar, isObject, type Passage } from "@rag-instruct/core";

/** Reads a model's reply, as `parseReply` of `@rag-instruct/paradigms` does. */
export type ReplyReader = (
  text: string,
  options: { task: Exemplar["task"] },
) => { ok: true; question: string; answer: string; options?: string[] } | { ok: false };

/** What a pair was asked for by: the documents of its source and the exemplar, under a paradigm. */
export interface PromptRequest {
  paradigm: string;
  documents: readonly Passage[];
  exemplar: Exemplar;
}

/** Options of {@link writeReport}. */
export interface ReportOptions {
  /** The run folder. Any of its files may be missing; what is there is shown. */
  run: string;
  /** Path of the HTML file. @default `report.html` in the run folder */
  to?: string;
  /** Pairs asked for of each paradigm. @default it is not said */
  wanted?: Readonly<Record<string, number>>;
  /** Who wrote the pairs, as the report says it. @default the models that the pairs name */
  model?: string;
  /** Whether the offline model wrote them: the report then says that they are not for training. @default false */
  isOffline?: boolean;
  /** Name and version of what writes the report. @default this package's */
  generator?: string;
  /**
   * Reads raw replies: of rejected pairs, and of the ledger to find what was paid for a pair.
   * @default replies that are a JSON object with `question` and `answer`
   */
  parseReply?: ReplyReader;
  /** The prompt that asked for a pair, in its fixed and its own part; undefined where it is not known. @default no prompts are shown */
  promptOf?: (request: PromptRequest) => { instructions: string; prompt: string } | undefined;
  signal?: AbortSignal;
}

/** Reads a reply that is a JSON object with the texts `question` and `answer`, and nothing else around it. */
export const readPlainReply: ReplyReader = (text) => {
  try {
    const reply: unknown = JSON.parse(text);
    if (!isObject(reply)) return { ok: false };
    const { question, answer, options } = reply as Record<string, unknown>;
    if (typeof question !== "string" || typeof answer !== "string") return { ok: false };
    const isList = Array.isArray(options) && options.every((option) => typeof option === "string");
    return { ok: true, question, answer, options: isList ? options : undefined };
  } catch {
    return { ok: false };
  }
};
