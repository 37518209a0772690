import { beir } from "../exports/beir.ts";
import { labelledLists, labelledPairs } from "../exports/labelled.ts";
import { msmarco } from "../exports/msmarco.ts";
import { triplets } from "../exports/triplets.ts";
import type { RetrievalFormat } from "./retrieval-format.ts";

/** The formats for retrievers and rerankers. */
export const retrievalFormats = {
  triplets,
  "labelled-pairs": labelledPairs,
  "labelled-lists": labelledLists,
  beir,
  msmarco,
} as const satisfies Record<string, RetrievalFormat>;
