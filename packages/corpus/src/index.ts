export type { DocumentFormat } from "./formats/detect.ts";
export type { FieldNames } from "./formats/format.ts";
export { type IngestOptions, ingest } from "./ingest.ts";
export type { IngestReport } from "./ingest-report.ts";
export { type AddReport, type OpenPassageStore, openPassageStore } from "./passage-store.ts";
export type { Heading, RawDocument, UnreadReason, UnreadRecord } from "./raw-document.ts";
export { type ReadDocumentsOptions, readDocuments } from "./read-documents.ts";
export { type SplitOptions, splitDocument, splitDocuments } from "./split-documents.ts";
export type { Dedupe } from "./store/writer.ts";
