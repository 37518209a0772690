export type { FieldNames, Heading, RawDocument, UnreadRecord, UnreadRecordReason } from "./formats/format.ts";
export type { DocumentFormat } from "./formats/formats.ts";
export { type IngestOptions, ingest } from "./ingest.ts";
export type { LeftOutReason } from "./left-out.ts";
export { type ReadDocumentsOptions, readDocuments } from "./read-documents.ts";
export { type SplitDocumentsOptions, splitDocument, splitDocuments } from "./split-documents.ts";
export type { IngestReport } from "./store/ingest-state.ts";
export { type AddReport, type OpenPassageStore, openPassageStore } from "./store/passage-store.ts";
export type { Dedupe } from "./store/passage-writer.ts";
