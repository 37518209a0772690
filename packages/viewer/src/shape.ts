import type { EarlierTurn } from "@rag-instruct/core";

/** How one task ended, as the report shows it; `unassembled` is a pair that found no noise documents, or one that answers its question. */
export const verdicts = ["accepted", "rejected", "failed", "unassembled"] as const;

/** One of {@link verdicts}. */
export type Verdict = (typeof verdicts)[number];

/** Records of one kind lie in compressed chunks; `chunks` holds the number of the first record of each. */
export type RecordKind = "examples" | "passages" | "exemplars";

/** What the page must know before it reads any record. Lists are referred to by place. */
export interface ReportMeta {
  counts: Record<RecordKind, number>;
  chunks: Record<RecordKind, number[]>;
  /** Blocks of the index. */
  blocks: number;
  paradigms: string[];
  reasons: string[];
  tasks: string[];
  /** The fixed part of the prompts. */
  instructions: string[];
}

/** Examples in one block of the index. */
export const blockSize = 1000;

/** What a list of examples shows and is searched by, one column a field. Reason and exemplar are -1 where there is none. */
export interface IndexBlock {
  questions: string[];
  answers: string[];
  paradigms: number[];
  verdicts: number[];
  reasons: number[];
  tasks: number[];
  exemplars: number[];
  /** Numbers of the source passages. */
  sources: number[][];
}

/** A document of an example. */
export interface ShownDocument {
  /** Number of the passage. */
  passage: number;
  role: "source" | "noise" | "unknown";
  rank?: number;
  relaxed?: string;
}

/** One example, pair or refused task with all that led there. */
export interface ShownExample {
  id: string;
  question: string;
  answer: string;
  options?: string[];
  /** Earlier turns of its conversation, which the question needs. */
  history?: EarlierTurn[];
  paradigm: string;
  verdict: Verdict;
  reason?: string;
  detail?: string;
  documents: ShownDocument[];
  /** Passages in the order in which the model read them: what the evidence counts documents by, from 1. */
  sources: number[];
  exemplar: number;
  model?: string;
  evidence?: Record<string, unknown>;
  /** Place in the meta's instructions. */
  instructions?: number;
  prompt?: string;
  reply?: string;
}

/** An example that is shown before any record is read. */
export interface FirstExample
  extends Pick<
    ShownExample,
    "id" | "paradigm" | "question" | "answer" | "options" | "history" | "verdict" | "evidence"
  > {
  /** Number of its record. */
  number: number;
  /** What its paradigm asks of question and documents, in a sentence. */
  rule?: string;
  /** In the order in which the model read them. */
  sources: ShownPassage[];
}

/** A passage as the report shows it. */
export interface ShownPassage {
  id: string;
  title: string;
  text: string;
  metadata?: Record<string, unknown>;
}

/** An exemplar as the report shows it. */
export interface ShownExemplar {
  id: string;
  question: string;
  source: string;
  task: string;
  options?: string[];
}
