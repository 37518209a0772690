export { type Analyzer, type AnalyzerChoice, englishAnalyzer, simpleAnalyzer } from "./bm25/analyzers.ts";
export { type BuildBm25Options, buildBm25Index } from "./bm25/build.ts";
export { type Bm25Index, type OpenBm25Options, openBm25Index } from "./bm25/open.ts";
export { wordPieceAnalyzer } from "./bm25/word-piece.ts";
export { bm25Retriever } from "./bm25-retriever.ts";
export { fuseRankings, type HybridOptions, hybridRetriever } from "./fusion.ts";
export type { RankedId, RankingRetriever } from "./ranking.ts";
export { type RetrieveAllOptions, retrieveAll } from "./retrieve-all.ts";
