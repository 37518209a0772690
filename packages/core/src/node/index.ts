export { importPeer } from "../errors.ts";
export { type AtomicFile, openAtomic, syncFolder, writeAtomic } from "./atomic.ts";
export { checkMachine } from "./check-machine.ts";
export {
  type CompletedCommand,
  type CompletionShell,
  completionScript,
  completionShells,
} from "./completion-script.ts";
export { csvRow, type DelimitedRow, readDelimited, tsvRow } from "./delimited.ts";
export { describeFiles, hashFile, isFolder, isThere, maxHashedBytes, type OutputFile, readJsonFile } from "./files.ts";
export { type JsonlFile, openJsonl, readJsonl } from "./jsonl.ts";
export { isProcessAlive, lockFile, lockFolder, removeTorn } from "./lock.ts";
export {
  ByteReader,
  type BytesSource,
  compressionOf,
  expansionGuard,
  type NamedBytes,
  openBytes,
  peekBytes,
  readAllBytes,
  unpackGuarded,
} from "./open-bytes.ts";
export {
  decodeHead,
  maxTextBytes,
  type OpenText,
  openText,
  readLines,
  readText,
  type TextLine,
  type TextReport,
} from "./open-text.ts";
export { type OutcomeFiles, type OutcomeFilesOptions, openOutcomeFiles, type Refused } from "./outcome-files.ts";
export { type ReadParquetOptions, readParquet } from "./parquet.ts";
export { countsText, type ProgressOutput, ProgressView } from "./progress-view.ts";
export {
  detectRecordFormat,
  extensionOf,
  type MalformedRecord,
  type ReadRecordsOptions,
  type RecordAt,
  type RecordFormat,
  readRecords,
} from "./records.ts";
export { type Replace, refuseLoss, type StageAgainOptions, stageAgain } from "./refuse-loss.ts";
export {
  adoptReviews,
  checkReview,
  hashReviews,
  openReviewLog,
  readReviewLog,
  readReviews,
  reviewsFile,
} from "./review-log.ts";
export {
  adoptStages,
  isRunFolder,
  openRunFolder,
  type PaidCalls,
  type Recall,
  type RunFolder,
  readRunFolder,
  removePartials,
  requireRun,
  runHere,
  type StageOrigin,
  type StageRecord,
} from "./run-folder.ts";
export {
  compareOutputs,
  type ManifestHead,
  type RunManifest,
  readRunManifest,
  writeRunManifest,
} from "./run-manifest.ts";
export { recordedStatus, type StageStatus, stageStatuses, statusLines } from "./stage-status.ts";
export {
  type CheckedStage,
  type CheckStagesOptions,
  checkRecorded,
  checkStages,
  type Retries,
  type RunContext,
  runStages,
  type Stage,
  type StageResult,
  type StageStakes,
  type StageTools,
  type StageWork,
  stagesUntil,
} from "./stages.ts";
export { isTar, tarEntries } from "./tar.ts";
export {
  type ReservedThread,
  serveThread,
  ThreadPool,
  type ThreadPoolOptions,
  type ThreadTaskOptions,
  threadFile,
} from "./thread-pool.ts";
