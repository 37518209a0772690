import { titledText } from "@rag-instruct/core";
import { jsonLine, lacking, type RetrievalFormat } from "../retrieval/retrieval-format.ts";

/**
 * What sentence-transformers trains bi-encoders on with `MultipleNegativesRankingLoss` and its cached and guided kin: a row for each
 * document that helps, with columns `anchor`, `positive` and `negative`, or `negative_1` and so on for several. These trainers read
 * columns by their order, and every row must have all of them: a question with fewer negatives is left out.
 */
export const triplets: RetrievalFormat = {
  needsNegatives: true,
  needsCorpus: false,
  files: (splits) => splits.map(fileOf),
  open: async ({ file, negatives: count }) => ({
    async write(query, split) {
      const lacks = lacking(query, { negatives: count });
      if (lacks) return lacks;
      const { text, helpful, negatives } = query;
      const columns = negatives.map((negative, i) => [
        count === 1 ? "negative" : `negative_${i + 1}`,
        titledText(negative),
      ]);
      for (const positive of helpful) {
        const row = { anchor: text, positive: titledText(positive), ...Object.fromEntries(columns) };
        await file(fileOf(split)).write(jsonLine(row));
      }
      return helpful.length;
    },
  }),
};

function fileOf(split: string): string {
  return `triplets/${split}.jsonl`;
}
