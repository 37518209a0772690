export { checkText, type TextContext } from "./check-text/check-text.ts";
export type { TextFault, TextFinding } from "./check-text/text-finding.ts";
export {
  type Contamination,
  type ContaminationReport,
  contaminationReport,
  type Decontamination,
  type DecontaminationOptions,
  type DecontaminationReason,
  type DecontaminationReport,
  decontaminate,
  decontaminationFile,
  type ForbiddenFiles,
  type ForbiddenText,
  type ForbiddenTexts,
  type ForbiddenTextsOptions,
  readForbiddenFiles,
  readForbiddenTexts,
  type TakenOut,
} from "./decontaminate/decontaminate.ts";

export {
  type Duplicate,
  type DuplicateOptions,
  type DuplicateReason,
  type DuplicateRules,
  type DuplicateScope,
  dropDuplicates,
} from "./duplicates/drop-duplicates.ts";
export {
  type EstimateBasis,
  type EstimateOptions,
  estimateLines,
  estimateSynthesis,
  estimateVerification,
  type MeasuredSynthesis,
  measuredSynthesis,
  noiseChecks,
  type RunEstimate,
  type RunEstimateParts,
  runEstimate,
  type SynthesisEstimate,
  verdictTokens,
} from "./estimate.ts";
export {
  countExemplars,
  type ExemplarFilter,
  type ExemplarRow,
  type ExpectedJudgements,
  exemplarLines,
  expectJudgements,
  type FilterExemplarsOptions,
  filterExemplars,
  rejectedExemplar,
} from "./exemplars/filter-exemplars.ts";

export { maxExemplarLength, type UnreadReason } from "./exemplars/formats/format.ts";

export {
  type KeepOptions,
  type KeepOutcome,
  type KeepReason,
  keepKnowledgeIntensive,
} from "./exemplars/keep/keep-knowledge-intensive.ts";

export { detectTask } from "./exemplars/question-form.ts";
export { type ReadExemplarsOptions, readExemplars, type UnreadExemplar } from "./exemplars/read.ts";
export { checkSample, type ExemplarSample } from "./exemplars/sample-exemplars.ts";
export { exemplarSet } from "./exemplars/sets/exemplar-sets.ts";
export { type ExemplarSetName, exemplarSetAbouts, isExemplarSet } from "./exemplars/sets/names.ts";
export {
  type AskedCalls,
  bothAsked,
  type ExpectCallsOptions,
  type ExpectedCalls,
  type ExpectVectorsOptions,
  expectCalls,
  expectedCallsLines,
  expectVectors,
  refuseCosts,
} from "./expected-calls.ts";
export {
  asAccepted,
  type GivenPairs,
  type GivenPairsOptions,
  openGivenPairs,
  type ReadPairsOptions,
  readPairs,
  type VerificationSummary,
  type VerifyGivenOptions,
  verificationLines,
  verifyGiven,
} from "./given-pairs.ts";

export { offlineModel, offlineModelId, offlineProvider } from "./offline/offline-model.ts";
export { type RecordedModel, type RecordedReply, recordedModel } from "./offline/recorded-model.ts";
export { recordedModelId, recordedProvider } from "./offline/recorded-request.ts";
export {
  type AskingContext,
  type ExemplarsStageOptions,
  exemplarsStage,
  type PlanStageOptions,
  planStage,
} from "./plan/plan-stages.ts";
export {
  type BroughtTasksOptions,
  broughtTasks,
  type PairsWanted,
  type PlanOptions,
  pairCounts,
  planTasks,
  readPairsWanted,
  sharedOut,
  sharesInWords,
} from "./plan/plan-tasks.ts";

export type { SynthesisTask } from "./plan/task-queue.ts";
export type { DistinctGrams, NearestQuestions } from "./set-report/diversity.ts";
export type { QuestionKind } from "./set-report/question-kind.ts";
export {
  type CallFigures,
  type Lengths,
  type PairOutcome,
  type ParadigmFigures,
  type SetReport,
  type SetReportOptions,
  setReport,
  setReportFile,
  writeSetReport,
} from "./set-report/set-report.ts";
export { mayGoBetter, type ParadigmSummary, type SynthesisSummary } from "./synthesis/account.ts";
export {
  type BudgetStop,
  budgetStop,
  budgetStopLine,
  budgetStopLines,
  isUnpaid,
  type StopRule,
  watchBudget,
} from "./synthesis/early-stop.ts";
export { pairStakes } from "./synthesis/pair-stakes.ts";
export {
  type Preview,
  type PreviewOptions,
  previewBrief,
  previewItem,
  previewPairs,
  previewText,
} from "./synthesis/preview.ts";
export { type ReasonWords, reasonWords } from "./synthesis/reasons.ts";
export {
  exampleLines,
  hashReplaced,
  type ReplacedPair,
  readReplaced,
  replaceReviewed,
  replacingPairs,
} from "./synthesis/replaced.ts";
export {
  costLine,
  type EndedRun,
  pairsMissing,
  paradigmLines,
  type RunEnd,
  type RunWords,
  runEnd,
  runLines,
  shortfallLines,
  unprovedLine,
} from "./synthesis/run-lines.ts";
export { type Synthesis, type SynthesizeOptions, synthesize } from "./synthesis/synthesize.ts";
export { type SynthesizeStageOptions, synthesizeStage } from "./synthesis/synthesize-stage.ts";
export { checkReply, type ReplyFault, type SynthesisOutcome, type SynthesisReason } from "./synthesis/write-pair.ts";
export {
  buildTrajectories,
  replayFault,
  type TrajectoryOptions,
  type TrajectoryRejection,
} from "./trajectories/build-trajectories.ts";
export { type ContinueOptions, continuePairs } from "./turns/continue-pairs.ts";
export {
  type CalibrateOptions,
  calibrate,
  calibrationText,
  hashDecisions,
  type RunCalibration,
  type UnreviewedPair,
} from "./verify/calibrate.ts";
export {
  type FailuresOf,
  type NoiseAnswers,
  openFailures,
  type ReadNoiseOptions,
  readNoise,
} from "./verify/failures.ts";
export type { JudgeEvidence, JudgeFault } from "./verify/judge.ts";
export {
  checkLexically,
  type LexicalContext,
  type LexicalEvidence,
  type LexicalFault,
  type LexicalVerdict,
} from "./verify/lexical.ts";

export {
  type NoiseOutcome,
  type NoiseProof,
  type NoiseProofOptions,
  type NoiseReason,
  type NoiseReport,
  proveNoise,
} from "./verify/noise-proof.ts";
export type { ProofAnswer, ProofEvidence, ProofFault } from "./verify/proof.ts";
export {
  describeUnproved,
  type PairVerdict,
  type VerifyEvidence,
  type VerifyLevel,
  type VerifyOptions,
  type VerifyOutcome,
  type VerifyReason,
  verdictOf,
  verify,
} from "./verify/verify.ts";
