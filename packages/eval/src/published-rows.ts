/** A row of the method's published results, in per cent. */
export interface PublishedRow {
  model: string;
  /** The model as it is, or trained on the method's data. The table does not say what the former was shown; the published script shows documents to every model. */
  kind: "base" | "rag-instruct";
  /** By benchmark id. */
  scores: Readonly<Record<string, number>>;
}

/** Where the rows come from. */
export const publishedSource =
  "RAG-Instruct (Liu et al., arXiv 2501.00353), result table of the README of github.com/FreedomIntelligence/RAG-Instruct";

const order = [
  "webquestions",
  "popqa",
  "triviaqa",
  "openbookqa",
  "pubhealth",
  "arc-challenge",
  "2wikimultihopqa",
  "hotpotqa",
  "musique",
  "convfinqa",
  "pubmedqa",
];

function row(model: string, kind: PublishedRow["kind"], figures: readonly number[]): PublishedRow {
  return { model, kind, scores: Object.fromEntries(order.map((id, i) => [id, figures[i]!])) };
}

/** The rows of the published table: figures of the published scorer, to be compared with `reference` alone. */
export const publishedRows: readonly PublishedRow[] = [
  row("Llama3.2-3B", "base", [58.7, 61.8, 69.7, 77.0, 55.0, 66.8, 55.6, 40.2, 13.2, 46.8, 70.3]),
  row("Llama3.1-8B", "base", [59.5, 60.8, 73.4, 82.0, 56.7, 77.1, 65.6, 45.6, 18.7, 56.5, 73.9]),
  row("Llama3.2-3B + RAG-Instruct", "rag-instruct", [65.3, 64.0, 77.0, 81.2, 66.4, 73.0, 72.9, 52.7, 25.0, 50.3, 72.6]),
  row("Llama3.1-8B + RAG-Instruct", "rag-instruct", [69.7, 68.4, 79.3, 84.8, 77.2, 79.9, 79.3, 56.4, 30.3, 57.8, 77.0]),
];
