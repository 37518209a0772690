export type { Analyzer } from "./bm25/analysis/analyzer.ts";
export {
  type AnalyzerChoice,
  type AnalyzerName,
  analyzerFor,
  analyzerForCorpus,
  analyzerNames,
  englishAnalyzer,
  simpleAnalyzer,
  wordPieceAnalyzer,
} from "./bm25/analysis/analyzers.ts";
export { type BuildBm25Options, bm25Stage, buildBm25Index } from "./bm25/build-index.ts";

export { type Bm25Index, type OpenBm25Options, openBm25Index } from "./bm25/open-index.ts";
export { type DenseIndex, type OpenVectorIndexOptions, openVectorIndex } from "./dense/vector-index.ts";
export {
  buildVectorEngine,
  checkVectorEngine,
  type EngineFolders,
  engineStage,
  openVectorEngine,
  requireVectorEngine,
  type VectorEngine,
} from "./drivers/vector-engines.ts";

export { filledRetriever, fuseRankings, type HybridOptions, hybridRetriever } from "./fusion.ts";
export { recallOf } from "./hits.ts";
export { type OpenRetrieverOptions, openRetriever } from "./open-retriever.ts";
export { passageLine, rankingLines, shortRankingsLine } from "./ranking-lines.ts";
export {
  bm25Retriever,
  denseRetriever,
  type RankedId,
  type RankingRetriever,
  type RetrieveAllOptions,
  retrieveAll,
} from "./retrievers.ts";
export {
  contextOf,
  type FoundContext,
  type QuestionRecord,
  readQuestions,
  type WithContextsOptions,
  withContexts,
} from "./with-contexts.ts";
