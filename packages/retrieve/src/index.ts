export { type Analyzer, englishAnalyzer, simpleAnalyzer } from "./bm25/analyzers.ts";
export { type BuildBm25Options, buildBm25Index } from "./bm25/build.ts";
export { type Bm25Index, openBm25Index } from "./bm25/open.ts";
export { bm25Retriever } from "./bm25-retriever.ts";
export { hybridRetriever } from "./fusion.ts";
