import type { Passage } from "@rag-instruct/core";
import { tsvRow } from "@rag-instruct/core/node";
import { jsonLine, lacking, PassageIds, type RetrievalFormat, shortSplit } from "../retrieval/retrieval-format.ts";

const corpusFile = "beir/corpus.jsonl";
const queriesFile = "beir/queries.jsonl";

/**
 * A folder as BEIR's `GenericDataLoader` reads it (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, and for each part
 * `qrels/<part>.tsv` with a heading; `validation` is its `dev`. The corpus is the run's, whole. Only documents that help are judged.
 */
export const beir: RetrievalFormat = {
  needsNegatives: false,
  needsCorpus: true,
  files: (splits) => [corpusFile, queriesFile, ...splits.map((split) => qrelsFile(split, splits))],
  async open({ file, splits }) {
    const ids = new PassageIds();
    for (const split of splits) await file(qrelsFile(split, splits)).write(tsvRow(["query-id", "corpus-id", "score"]));
    const writePassage = (id: string, { title, text, metadata = {} }: Passage) =>
      file(corpusFile).write(jsonLine({ _id: id, title, text, metadata }));
    return {
      async write(query, split) {
        const lacks = lacking(query);
        if (lacks) return lacks;
        const { text, helpful, documents } = query;
        for (const passage of [...helpful, ...documents]) {
          const { id, isNew } = ids.place(passage);
          if (isNew) await writePassage(id, passage);
        }
        await file(queriesFile).write(jsonLine({ _id: query.id, text, metadata: {} }));
        const rows = helpful.map((passage) => tsvRow([query.id, ids.place(passage).id, "1"]));
        await file(qrelsFile(split, splits)).write(rows.join(""));
        return helpful.length;
      },
      async addPassage(passage) {
        const place = ids.placeRest(passage);
        if (place) await writePassage(place.id, passage);
      },
    };
  },
};

function qrelsFile(split: string, splits: readonly string[]): string {
  return `beir/qrels/${shortSplit(split, splits)}.tsv`;
}
