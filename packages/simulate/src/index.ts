export {
  contaminationReport,
  type DecontaminationReport,
  type TakenOut,
} from "./decontaminate/contamination-report.ts";
export { type Decontamination, type DecontaminationOptions, decontaminate } from "./decontaminate/decontaminate.ts";
export type { Contamination, DecontaminationReason } from "./decontaminate/find-contamination.ts";
export {
  type ForbiddenText,
  type ForbiddenTexts,
  type ForbiddenTextsOptions,
  readForbiddenTexts,
} from "./decontaminate/forbidden-texts.ts";
export { type DuplicateOptions, type DuplicateRules, dropDuplicates } from "./duplicates/drop-duplicates.ts";
export type { Duplicate, DuplicateReason, DuplicateScope } from "./duplicates/duplicate.ts";
export { type Cost, type EstimateOptions, estimate } from "./estimate.ts";
export { detectTask } from "./exemplars/detect-task.ts";
export type { UnreadReason } from "./exemplars/formats/format.ts";
export {
  type KeepOptions,
  type KeepOutcome,
  type KeepReason,
  keepKnowledgeIntensive,
} from "./exemplars/keep/keep-knowledge-intensive.ts";
export { type ReadExemplarsOptions, readExemplars, type UnreadExemplar } from "./exemplars/read.ts";
export { offlineModel, offlineModelId, offlineProvider } from "./offline/offline-model.ts";
export { type PlanOptions, planTasks } from "./plan/plan-tasks.ts";
export type { SynthesisTask } from "./plan/task.ts";
export { checkReply, type ReplyFault } from "./reply-checks.ts";
export type { QuestionKind } from "./set-report/question-kind.ts";
export type { CallFigures, DistinctGrams, Lengths, ParadigmFigures, SetReport } from "./set-report/report.ts";
export { type SetReportOptions, setReport } from "./set-report/set-report.ts";
export type { PairOutcome } from "./set-report/verdict-counter.ts";
export type { ParadigmSummary, SynthesisSummary } from "./synthesis-summary.ts";
export { type Synthesis, type SynthesizeOptions, synthesize } from "./synthesize.ts";
export type { JudgeEvidence, JudgeFault } from "./verify/judge.ts";
export {
  checkLexically,
  type LexicalContext,
  type LexicalEvidence,
  type LexicalFault,
  type LexicalVerdict,
} from "./verify/lexical.ts";
export type { NoiseOutcome, NoiseReason } from "./verify/noise-outcome.ts";
export { type NoiseProof, type NoiseProofOptions, proveNoise } from "./verify/noise-proof.ts";
export type { NoiseReport } from "./verify/noise-report.ts";
export type { ProofAnswer, ProofEvidence, ProofFault } from "./verify/proof.ts";
export type { VerifyEvidence, VerifyLevel, VerifyOutcome, VerifyReason } from "./verify/verdict.ts";
export { type VerifyOptions, verify } from "./verify/verify.ts";
export type { SynthesisOutcome, SynthesisReason } from "./write-pair.ts";
