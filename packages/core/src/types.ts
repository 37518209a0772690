/** The unit of a corpus: about 100 words of one document. */
export interface Passage {
  /** Unique within its corpus: the source's own id, or a stable hash of the content. */
  id: string;
  /** Title of the document it stands in; may be empty. */
  title: string;
  text: string;
  metadata?: Record<string, unknown>;
}

/** A passage as a retriever found it. */
export interface ScoredPassage {
  passage: Passage;
  /** Higher is better; comparable within one ranking only. */
  score: number;
  /** Place in the ranking, counted from 1. */
  rank: number;
}

/** What an instruction asks for, which the synthesized question imitates. */
export type Task =
  | "open"
  | "comparison"
  | "multi-hop"
  | "yes-no"
  | "multiple-choice"
  | "how-to"
  | "summary"
  | "list"
  | "claim"
  | "long-form";

/** A real instruction from an existing dataset; its task and phrasing are imitated, its topic is not. */
export interface Exemplar {
  id: string;
  question: string;
  /** The dataset it comes from, such as `alpaca`. */
  source: string;
  task: Task;
  /** Choices of a multiple-choice instruction, in order, without their letters. */
  options?: string[];
  /** Its language where the data says so, as a name ("English") or a code ("en"). */
  language?: string;
  /** Source documents, where the data brings its own. */
  documents?: Passage[];
  /** The paradigm it is meant for, where the data says so. */
  paradigm?: string;
}

/** The five relations between documents and question that the method defines. */
export type BuiltinParadigmId =
  | "useless-doc"
  | "single-doc-support"
  | "multi-doc-support"
  | "single-doc-answer"
  | "multi-doc-answer";

/** Relations beyond the method's five, which a set has where it asks for them. */
export type FurtherParadigmId = "unanswerable" | "conflicting-docs" | "cited-answer" | "table-answer";

/** An earlier turn of a conversation, as a person and a model spoke. */
export interface EarlierTurn {
  /** Id of its pair, where it is known. */
  id?: string;
  question: string;
  answer: string;
}

/** A question and its answer, written by a model from source documents under one paradigm. */
export interface Pair {
  id: string;
  /** A {@link BuiltinParadigmId}, a {@link FurtherParadigmId} or the id of a paradigm defined by the user. */
  paradigm: string;
  exemplarId: string;
  question: string;
  answer: string;
  /** Choices of a multiple-choice question, in order, without their letters; the answer then is a letter from A. */
  options?: string[];
  /** The source documents, in the order the model read them. */
  documents: Passage[];
  /** Id of the model that wrote the pair. */
  model: string;
  /** What the checks found, by the name of the check. */
  evidence?: Record<string, unknown>;
  /** What the model wrote under the paradigm's own fields of the reply. */
  fields?: Record<string, string>;
  /** Whether numbers in square brackets in the answer name its documents, counted from 1. */
  cites?: true;
  /** Earlier turns of its conversation, which its question needs. */
  history?: EarlierTurn[];
  /** Of a question with a history: the same question, understood without it. */
  standalone?: string;
  /** Whether a person has changed its text. */
  edited?: true;
}

/** A document of a training example, which is known as source or noise to the end. */
export type TrainingDocument = Passage & {
  /** `unknown` only in data made elsewhere that does not say. */
  role: "source" | "noise" | "unknown";
  /** Rank for the question, counted from 1, where the document was retrieved. */
  rank?: number;
  /**
   * Why a noise document was taken from a better rank than asked for: the ranking ends before the depth asked for, or
   * the guards refused too many of the ranks asked for.
   */
  relaxed?: "small-corpus" | "guards";
};

/** What a language model is trained on: a question, its answer and shuffled documents. */
export interface TrainingExample {
  id: string;
  paradigm: string;
  question: string;
  answer: string;
  options?: string[];
  documents: TrainingDocument[];
  /** Ids of the source documents that must be among the documents; empty where they were left out on purpose. */
  sourceIds?: string[];
  /** Id of the model that wrote question and answer. */
  model?: string;
  /** Whether numbers in square brackets in the answer name its documents, counted from 1 in the order in which they stand here. */
  cites?: true;
  /** `seenHash` of its pair, whose answer cites by other numbers: by it what people decided on the pair holds here too. */
  seen?: string;
  /** Earlier turns of its conversation, without their documents. */
  history?: EarlierTurn[];
  /** Of a question with a history: the same question, understood without it. */
  standalone?: string;
  /** Whether a person has changed question or answer. */
  edited?: true;
  /** Wrong answers to its question that a run was given, where it kept any. */
  failures?: FailedAnswer[];
}

/** A wrong answer to the question of a pair, as a model gave it. */
export interface FailedAnswer {
  answer: string;
  /** What it was answered from: no document, a part of the pair's documents, its example's noise, or all documents by a pair that was rejected. */
  from: "no-documents" | "some-documents" | "noise" | "rejected-pair";
  /** How it was found to be wrong. */
  reason: string;
  /** Id of the pair whose record holds it, in `pairs.jsonl`, and of a rejected one in `rejected.jsonl`. */
  pairId: string;
}

/** One search of a chain, and what it brought. */
export interface SearchStep {
  query: string;
  /** What was shown, best first. */
  results: ScoredPassage[];
  /** Ids of the needed documents among the results that no earlier step had shown. */
  found: string[];
  /** A sentence of each of them, letter for letter, that says something to the question. */
  learned: string[];
  /** Words of the query that earlier results state and the question does not. */
  bridge: string[];
}

/** A chain of searches that shows every document which a question needs, and then its answer. */
export interface SearchTrajectory {
  /** Id of the pair. */
  id: string;
  paradigm: string;
  question: string;
  /** Choices of a multiple-choice question, in order, without their letters. */
  options?: string[];
  answer: string;
  /** Ids of the documents without any one of which the question could not be answered. */
  needed: string[];
  /** Whether answers with and without each of them have shown that; else their paradigm says so. */
  isProved: boolean;
  steps: SearchStep[];
}

/** Anything that can be read once, in order. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** True for what JSON calls an object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value that a text of JSON states; undefined where the text is missing or is not JSON. */
export function jsonValue(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
