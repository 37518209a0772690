import type { Passage, TrainingDocument, TrainingExample } from "@rag-instruct/core";

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
