import { RagInstructError } from "@rag-instruct/core";

/** A row of the method's published results, in per cent. */
export interface PublishedRow {
  model: string;
  /**
   * The model with naive retrieval, the model as it is (the table does not say what it was shown; the published script shows documents to
   * every model), or trained on the method's data.
   */
  kind: "rag" | "base" | "rag-instruct";
  /** By benchmark id. */
  scores: Readonly<Record<string, number>>;
  version: PublishedVersion;
  /** What has to be said of the row. */
  remark?: string;
}

/** The day on which the README of the method's repository showed a table. */
export type PublishedVersion = "2025-01-06" | "2025-01-09";

/** The version that the command line and reports compare with unless told otherwise. */
export const seedVersion = "2025-01-06" satisfies PublishedVersion;

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

const rowsOf =
  (version: PublishedVersion) =>
  (model: string, kind: PublishedRow["kind"], figures: readonly number[], remark?: string): PublishedRow => ({
    model,
    kind,
    scores: Object.fromEntries(order.map((id, i) => [id, figures[i]!])),
    version,
    remark,
  });

const seed = rowsOf("2025-01-06");
const later = rowsOf("2025-01-09");

/** The rows of the published tables: figures of the published scorer, to be compared with `reference` alone. */
export const publishedRows: readonly PublishedRow[] = [
  seed("Llama3.1-8B + RAG", "rag", [56.7, 56.8, 71.5, 57.6, 57.6, 61.4, 60.7, 45.5, 23.5, 53.1, 63.0]),
  seed(
    "Llama3.1-8B-Instruct + RAG",
    "rag",
    [61.9, 62.8, 73.9, 77.2, 56.8, 70.3, 66.8, 45.5, 19.0, 53.7, 73.6],
    'labelled "Llama3.1-8B + RAG-Instruct" in that version; a later one names it as the instruction-tuned model with naive retrieval',
  ),
  seed(
    "Llama3.1-8B + RAG-Instruct",
    "rag-instruct",
    [69.7, 68.4, 80.0, 82.4, 77.2, 79.6, 76.8, 59.6, 33.7, 57.3, 77.0],
  ),
  later("Llama3.2-3B", "base", [58.7, 61.8, 69.7, 77.0, 55.0, 66.8, 55.6, 40.2, 13.2, 46.8, 70.3]),
  later("Llama3.1-8B", "base", [59.5, 60.8, 73.4, 82.0, 56.7, 77.1, 65.6, 45.6, 18.7, 56.5, 73.9]),
  later(
    "Llama3.2-3B + RAG-Instruct",
    "rag-instruct",
    [65.3, 64.0, 77.0, 81.2, 66.4, 73.0, 72.9, 52.7, 25.0, 50.3, 72.6],
  ),
  later(
    "Llama3.1-8B + RAG-Instruct",
    "rag-instruct",
    [69.7, 68.4, 79.3, 84.8, 77.2, 79.9, 79.3, 56.4, 30.3, 57.8, 77.0],
  ),
];

/** Days of the published tables, the oldest first. */
export const publishedVersions: readonly PublishedVersion[] = [...new Set(publishedRows.map(({ version }) => version))];

/** The rows of one version and where they come from. Throws `bad-option` for an unknown version. */
export function publishedTable(version: PublishedVersion): {
  source: string;
  version: PublishedVersion;
  rows: readonly PublishedRow[];
} {
  const rows = publishedRows.filter((row) => row.version === version);
  if (rows.length === 0) {
    throw new RagInstructError(
      "bad-option",
      `there is no published table of ${version}; there are those of ${publishedVersions.join(" and ")}`,
    );
  }
  const source = `RAG-Instruct (Liu et al., arXiv 2501.00353), result table of the README of github.com/FreedomIntelligence/RAG-Instruct as of ${version}`;
  return { source, version, rows };
}
