export type {
  DocumentFormat,
  FieldNames,
  Heading,
  Ocr,
  PageImage,
  RawDocument,
  UnreadRecord,
} from "./formats/format.ts";
export { checkIngest, type IngestOptions, ingest, maxPassageLength } from "./ingest.ts";
export { fingerprint, ingestStage } from "./ingest-stage.ts";
export { checkDocuments, type InputFile, type ListOptions, listInputFiles, listRecordFiles } from "./input-files.ts";
export { type LeftOutReason, leftOutLines, leftOutWithin, type UnreadRecordReason } from "./left-out.ts";
export { type ReadDocumentsOptions, readDocuments } from "./read-documents.ts";
export {
  type CorpusSample,
  type SampleOptions,
  sampleCorpus,
  sampleLines,
  sampleStore,
  storeSize,
} from "./sample-corpus.ts";
export { type SplitDocumentsOptions, splitDocument, splitDocuments } from "./split-documents.ts";
export { type CorpusLanguages, describeLanguages, type IngestReport } from "./store/ingest-state.ts";
export { type AddReport, type OpenPassageStore, openPassageStore } from "./store/passage-store.ts";
export type { Dedupe } from "./store/passage-writer.ts";
