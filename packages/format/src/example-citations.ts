import { renumberCitations, type TrainingDocument } from "@rag-instruct/core";

/**
 * Gives texts that cite the documents of a pair the numbers that these have in an example; one that is not in it is cited no more.
 * @param ids of the pair's documents, in its order
 */
export function citedByNumbersOf(
  documents: readonly TrainingDocument[],
  ids: readonly string[],
): (text: string) => string {
  const numbers = new Map(documents.flatMap(({ id, role }, i) => (role === "source" ? [[id, i + 1]] : [])));
  return (text) => renumberCitations(text, (number) => numbers.get(ids[number - 1] ?? ""));
}
