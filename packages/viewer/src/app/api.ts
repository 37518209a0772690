import {
  type Passage,
  type Review,
  type ReviewEdit,
  type ReviewFigures,
  type Reviews,
  seenHash,
} from "@rag-instruct/core";
import type { RunDifference } from "../compare-runs.ts";
import type { VerdictCounts } from "../figures.ts";
import type { RunItem } from "../read-run.ts";
import type { Verdict } from "../shape.ts";
import type { LiveState } from "./live.ts";
import type { Row } from "./run-index.ts";

// What server and page of the app say to each other, as JSON.

/** What prompts ask for beside the method's own words: those of a paradigm by its id, those of all by an empty one. */
export type TrialInstructions = Readonly<Record<string, string>>;

/** A run, as the list of runs shows it. */
export interface RunEntry {
  number: number;
  name: string;
  path: string;
  /** The instructions with which it can be tried, where it can. */
  trial?: TrialInstructions;
}

/** A line of the list, with the decision that counts for it. */
export type ListedRow = Pick<Row, "number" | "id" | "paradigm" | "question" | "verdict" | "reason"> & {
  decision?: Review["decision"];
};

/** A document of a pair, with what it was. */
export type ItemDocument = Passage & {
  role: "source" | "noise" | "unknown";
  rank?: number;
  relaxed?: string;
  /** The number by which prompt, reply and checks count it; sources alone have one. */
  number?: number;
};

/** One pair with all that led there. */
export interface Item
  extends Pick<
    RunItem,
    "id" | "paradigm" | "options" | "history" | "verdict" | "reason" | "detail" | "model" | "exemplar" | "evidence"
  > {
  number: number;
  /** What the paradigm asks of question and documents, in a sentence. */
  rule?: string;
  /** Empty where no reply could be read. */
  question: string;
  answer: string;
  documents: ItemDocument[];
  prompt?: string;
  reply?: string;
  /** {@link seenHash} of the text that is shown: it comes back with a decision. */
  seen: string;
  review?: Review;
  /** Whether a model can be asked to judge it as it was edited. */
  canJudge: boolean;
}

/** A pair as it is shown, with all that led there. */
export function itemOf(
  item: RunItem,
  { reviews, ...given }: Pick<Item, "number" | "rule" | "prompt" | "canJudge"> & { reviews: Reviews },
): Item {
  const { id, paradigm, question = "", answer = "", options } = item;
  const pair = { id, paradigm, question, answer, options };
  const { history, verdict, reason, detail, model, exemplar, evidence, raw: reply } = item;
  const story = { history, verdict, reason, detail, model, exemplar, evidence, reply };
  return { ...given, ...pair, ...story, documents: documentsOf(item), seen: seenHash(pair), review: reviews.of(pair) };
}

/** Sources in the order in which the model read them, then the noise. */
function documentsOf({ sources, example }: RunItem): ItemDocument[] {
  const first = sources.map((passage, i): ItemDocument => {
    const { rank } = example?.documents.find(({ id }) => id === passage.id) ?? {};
    return { ...passage, role: "source", rank, number: i + 1 };
  });
  return [...first, ...(example?.documents.filter(({ role }) => role !== "source") ?? [])];
}

/** What a run comes to at this moment. */
export interface Summary {
  /** Whether its files have been read to their end once. */
  isComplete: boolean;
  /** Tasks of the list. */
  rows: number;
  wanted: Readonly<Record<string, number>>;
  paradigms: Record<string, VerdictCounts>;
  reasons: Record<string, number>;
  languages: string[];
  reviews: ReviewFigures;
  live: LiveState;
  /** Numbers of three accepted pairs of different paradigms, to begin with. */
  first: number[];
}

/** A decision, as the page sends it. */
export interface Decide {
  id: string;
  seen: string;
  decision: Review["decision"];
  edit?: ReviewEdit;
  reason?: string;
  reviewer: string;
}

/** What is answered to whoever wants a verdict: its price, and the verdict where that price was named. */
export interface Judged {
  price: Price;
  verdict?: EditCheck;
}

/** What the free checks say of a pair as it was edited. */
export interface EditCheck {
  ok: boolean;
  reason?: string;
  detail?: string;
}

/** What is about to be called, in words. */
export interface Price {
  /** Calls, tokens and cost, in a line. */
  line: string;
  /** US dollars; undefined where the price is not known. */
  usd?: number;
  /** Whether nobody charges. */
  isFree: boolean;
}

/** What trying calls and costs. */
export interface TrialPrice extends Price {
  /** Pairs that are tried. */
  pairs: number;
  /** Calls, tokens and cost of the whole run, in a line. */
  whole: string;
}

/** A pair that was tried. */
export interface TriedPair
  extends Pick<
    Item,
    | "id"
    | "paradigm"
    | "rule"
    | "question"
    | "answer"
    | "options"
    | "documents"
    | "exemplar"
    | "evidence"
    | "reply"
    | "reason"
    | "detail"
  > {
  prompt: string;
  verdict: Exclude<Verdict, "unassembled">;
}

export type { RunDifference };
