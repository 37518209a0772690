import { titledText } from "@rag-instruct/core";
import { type JudgedQuery, jsonLine, lacking, type RetrievalFormat } from "../retrieval/retrieval-format.ts";

/**
 * What sentence-transformers trains rerankers on with `BinaryCrossEntropyLoss`: rows of `query`, `document` and `label`, 1 for a
 * document that helps and 0 for a negative. A document that looks right and was shown to be of no help is the hardest negative there
 * is; its question stands here with it alone.
 */
export const labelledPairs: RetrievalFormat = {
  needsNegatives: true,
  needsCorpus: false,
  files: (splits) => splits.map((split) => `labelled-pairs/${split}.jsonl`),
  open: async ({ file }) => ({
    async write(query, split) {
      const lacks = query.unhelpful.length === 0 && lacking(query);
      if (lacks) return lacks;
      const rows = [
        ...labelled(query),
        ...query.unhelpful.map((document) => ({ document: titledText(document), label: 0 })),
      ];
      const lines = rows.map((row) => jsonLine({ query: query.text, ...row }));
      await file(`labelled-pairs/${split}.jsonl`).write(lines.join(""));
      return rows.length;
    },
  }),
};

/**
 * What sentence-transformers trains rerankers on with `LambdaLoss`, `ListNetLoss` and other losses over lists: rows of `query`, `docs`
 * and `labels`, the documents that help first, as the losses that read the order of a list expect.
 */
export const labelledLists: RetrievalFormat = {
  needsNegatives: true,
  needsCorpus: false,
  files: (splits) => splits.map((split) => `labelled-lists/${split}.jsonl`),
  open: async ({ file }) => ({
    async write(query, split) {
      const lacks = lacking(query, { negatives: 1 });
      if (lacks) return lacks;
      const rows = labelled(query);
      const [docs, labels] = [rows.map(({ document }) => document), rows.map(({ label }) => label)];
      await file(`labelled-lists/${split}.jsonl`).write(jsonLine({ query: query.text, docs, labels }));
      return 1;
    },
  }),
};

function labelled({ helpful, negatives }: JudgedQuery): { document: string; label: 0 | 1 }[] {
  return [
    ...helpful.map((document) => ({ document: titledText(document), label: 1 as const })),
    ...negatives.map((document) => ({ document: titledText(document), label: 0 as const })),
  ];
}
