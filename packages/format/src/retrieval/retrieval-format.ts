import { hashText, type Passage, type TrainingDocument, type TrainingExample, titledText } from "@rag-instruct/core";
import { recordJson, type TextWriter } from "../exports/export-file.ts";

/** A question with what is known of documents: what a retriever or a reranker learns from. */
export interface JudgedQuery {
  /** Id of the example. */
  id: string;
  text: string;
  /** Source documents that help to answer. */
  helpful: Passage[];
  /** Source documents that look right and were shown to be of no help. */
  unhelpful: Passage[];
  /** Hard negatives, best rank first. */
  negatives: Passage[];
  /** Whether there are none because no helpful source was ranked, whose score they are to stay below. */
  isUnmeasured: boolean;
  /** Documents that belong into the corpus, whatever else is in there. */
  documents: Passage[];
}

/** Whether the documents of a paradigm, by its id, help to answer. */
export type Helps = (paradigm: string) => boolean;

/** Of the method's five, one has a document that is of no help; so have those beyond whose documents lack what is asked. */
export const helpsByMethod: Helps = (paradigm) => paradigm !== "useless-doc" && paradigm !== "unanswerable";

/** The sources of an example where they help to answer its question: what a retriever is to find. */
export function helpfulSources(
  { paradigm, documents }: Pick<TrainingExample, "paradigm" | "documents">,
  helps: Helps = helpsByMethod,
): TrainingDocument[] {
  return helps(paradigm) ? documents.filter(({ role }) => role === "source") : [];
}

/** Why a question is not written in a format. */
export type QueryLeftOut = "no-helpful-document" | "helpful-not-ranked" | "too-few-negatives";

/** What a question lacks for a format; undefined where it has all. @param negatives how many it needs at least @default 0 */
export function lacking(
  { helpful, negatives: { length }, isUnmeasured }: JudgedQuery,
  { negatives = 0 }: { negatives?: number } = {},
): QueryLeftOut | undefined {
  if (helpful.length === 0) return "no-helpful-document";
  if (length >= negatives) return undefined;
  return isUnmeasured ? "helpful-not-ranked" : "too-few-negatives";
}

/** One way to write judged questions for the training or the measuring of retrievers. */
export interface RetrievalFormat {
  /** Whether it has hard negatives, for which questions are ranked. */
  needsNegatives: boolean;
  /** Whether it has the whole corpus. */
  needsCorpus: boolean;
  /** Its files in the output folder. */
  files(splits: readonly string[]): string[];
  open(output: RetrievalOutput): Promise<RetrievalWriter>;
}

/** Where a format writes. */
export interface RetrievalOutput {
  /** One of the files of the format, by its name. */
  file(name: string): TextWriter;
  splits: readonly string[];
  /** Negatives of a question, in formats that need them all. */
  negatives: number;
}

/** Writes one question after another. */
export interface RetrievalWriter {
  /** Resolves to the number of records, or to why there are none. */
  write(query: JudgedQuery, split: string): Promise<number | QueryLeftOut>;
  /** Told of each passage of the corpus, when all questions are written. */
  addPassage?(passage: Passage): Promise<void>;
}

/** A record as a line of JSON. */
export function jsonLine(record: object): string {
  return `${recordJson(record)}\n`;
}

/** BEIR and MS MARCO call the part that settings are chosen on `dev`, which `validation` becomes where no other part has that name. */
export function shortSplit(split: string, splits: readonly string[]): string {
  return split === "validation" && !splits.includes("dev") ? "dev" : split;
}

/**
 * Gives each passage of an exported corpus an id that no other has, and a number. Documents of pairs that were made elsewhere need
 * not be in the corpus, and one there may have the same id and another text. Remembers the passages that are told of by `place`,
 * so that memory grows with the documents of the examples, never with the corpus.
 */
export class PassageIds {
  readonly #placed = new Map<string, { hash: string; number: number }>();
  #count = 0;

  /** The place of a passage that a question names. */
  place(passage: Passage): { id: string; number: number; isNew: boolean } {
    const hash = textHash(passage);
    const ids = [passage.id, otherId(passage.id, hash)];
    const id = ids.find((id) => this.#placed.get(id)?.hash === hash) ?? ids.find((id) => !this.#placed.has(id))!;
    const known = this.#placed.get(id);
    if (known) return { id, number: known.number, isNew: false };
    this.#placed.set(id, { hash, number: this.#count });
    return { id, number: this.#count++, isNew: true };
  }

  /** The place of a passage of the corpus; undefined where a question has named it already. */
  placeRest(passage: Passage): { id: string; number: number } | undefined {
    const placed = this.#placed.get(passage.id);
    if (!placed) return { id: passage.id, number: this.#count++ };
    const hash = textHash(passage);
    const id = otherId(passage.id, hash);
    return placed.hash === hash || this.#placed.has(id) ? undefined : { id, number: this.#count++ };
  }
}

function textHash(passage: Passage): string {
  return hashText(titledText(passage));
}

function otherId(id: string, hash: string): string {
  return `${id}@${hash.slice(0, 12)}`;
}
