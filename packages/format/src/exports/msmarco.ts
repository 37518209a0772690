import { type Passage, titledText } from "@rag-instruct/core";
import { lacking, PassageIds, type RetrievalFormat, shortSplit } from "../retrieval/retrieval-format.ts";

const collectionFile = "msmarco/collection.tsv";
const passageIdsFile = "msmarco/passage-ids.tsv";
const queryIdsFile = "msmarco/query-ids.tsv";
const partFiles = ["queries", "qrels", "qidpidtriples"] as const;

/**
 * The files of MS MARCO's passage ranking (Bajaj et al. 2016), as ColBERT, Tevatron, Anserini and others read them: `collection.tsv`
 * (number, passage), and for each part `queries.<part>.tsv` (number, question), `qrels.<part>.tsv` (question, 0, passage, 1) and
 * `qidpidtriples.<part>.tsv` (question, passage that helps, negative). Passages and questions are numbered from 0, a passage's number
 * is its line; `passage-ids.tsv` and `query-ids.tsv` say whose numbers they are. `validation` is its `dev`.
 */
export const msmarco: RetrievalFormat = {
  needsNegatives: true,
  needsCorpus: true,
  files: (splits) => [
    collectionFile,
    passageIdsFile,
    queryIdsFile,
    ...splits.flatMap((split) => partFiles.map((kind) => partFile(kind, shortSplit(split, splits)))),
  ],
  async open({ file, splits }) {
    const ids = new PassageIds();
    let questions = 0;
    const writePassage = async ({ number, id }: { number: number; id: string }, passage: Passage) => {
      await file(collectionFile).write(`${number}\t${oneLine(titledText(passage))}\n`);
      await file(passageIdsFile).write(`${number}\t${oneLine(id)}\n`);
    };
    const numberOf = async (passage: Passage) => {
      const place = ids.place(passage);
      if (place.isNew) await writePassage(place, passage);
      return place.number;
    };
    return {
      async write(query, split) {
        const lacks = lacking(query);
        if (lacks) return lacks;
        const { id, text, helpful, negatives, documents } = query;
        const question = questions++;
        const part = shortSplit(split, splits);
        await file(queryIdsFile).write(`${question}\t${oneLine(id)}\n`);
        await file(partFile("queries", part)).write(`${question}\t${oneLine(text)}\n`);
        for (const document of documents) await numberOf(document);
        for (const positive of helpful) {
          const found = await numberOf(positive);
          await file(partFile("qrels", part)).write(`${question}\t0\t${found}\t1\n`);
          for (const negative of negatives) {
            const triple = [question, found, await numberOf(negative)];
            await file(partFile("qidpidtriples", part)).write(`${triple.join("\t")}\n`);
          }
        }
        return helpful.length;
      },
      async addPassage(passage) {
        const place = ids.placeRest(passage);
        if (place) await writePassage(place, passage);
      },
    };
  },
};

function partFile(kind: (typeof partFiles)[number], part: string): string {
  return `msmarco/${kind}.${part}.tsv`;
}

/** These files know no quotes: a tab or a line break would be another field or row. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
