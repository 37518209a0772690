// What commands do their work with. It is loaded when a command is run: help and completion do not wait for it.

export {
  checkMachine,
  compareOutputs,
  countsText,
  isFolder,
  isRunFolder,
  isThere,
  readRunManifest,
  requireRun,
  statusLines,
  writeAtomic,
} from "@rag-instruct/core/node";
export { checkIngest, leftOutLines, sampleCorpus, sampleLines } from "@rag-instruct/corpus";
export { describeBenchmark, describeComparison, findBenchmark } from "@rag-instruct/eval";
export { contextOf, passageLine, rankingLines, shortRankingsLine, withContexts } from "@rag-instruct/retrieve";
export {
  budgetStopLine,
  costLine,
  estimateLines,
  exemplarLines,
  previewBrief,
  previewText,
  runLines,
  sharesInWords,
  verificationLines,
} from "@rag-instruct/simulate";
export { openPage } from "@rag-instruct/viewer";
export { configJsonSchema, configText } from "../config/reference.ts";
export { demoConfig, demoCorpus } from "../demo.ts";
export { checkDatabase, checkEmbeddings, checkEngine, checkInputs, checkModel, checkQueue } from "../doctor/checks.ts";
export { estimateRun } from "../pipeline/estimate.ts";
export { asMade, exportRun, reportRun, requireExamples } from "../pipeline/outputs.ts";
export { runResolved, runStatus } from "../pipeline/pipeline.ts";
export { previewRun } from "../pipeline/preview.ts";
export { askCorpus, openRunRetriever, openSearchRetriever, searchStages } from "../pipeline/search.ts";
export { trialOf, viewRuns } from "../pipeline/view.ts";
export { runEvaluation } from "../run/evaluation.ts";
export { benchmarkFiles, exemplarSource } from "../run/inputs.ts";
export { describeModel, nameModel, requireEmbeddings } from "../run/models.ts";
export { runVerification } from "../run/verification.ts";
export { checkRepeat, readManifest } from "../stages/manifest.ts";
export { onlyRun, runAndQuestion, takeRun } from "./named-run.ts";
export { askOverwrite, askPreview, askQuestions, modelsAt, replaceOf, spendGuard } from "./questions.ts";
export { endOfRun, showViewer } from "./run-end.ts";
export {
  benchmarksOf,
  knownSettings,
  modelOf,
  noDocuments,
  pairsOf,
  readRunSettings,
  readSettings,
  settingsOf,
} from "./settings.ts";
export { takePairs } from "./take-pairs.ts";
