export { type AtomicFile, openAtomic, syncFolder, writeAtomic } from "./atomic.ts";
export { ByteReader } from "./byte-reader.ts";
export { type NamedBytes, peekBytes, readAllBytes } from "./bytes.ts";
export { decodeHead, type TextReport } from "./decode-text.ts";
export { compressionOf, expansionGuard } from "./decompress.ts";
export { type DelimitedRow, readDelimited } from "./delimited.ts";
export { detectRecordFormat, extensionOf, type RecordFormat } from "./detect-records.ts";
export { importPeer } from "./import-peer.ts";
export { type JsonlFile, openJsonl, readJsonl } from "./jsonl.ts";
export { readLines, type TextLine } from "./lines.ts";
export { isProcessAlive, lockFile, lockFolder } from "./lock.ts";
export { type BytesSource, openBytes } from "./open-bytes.ts";
export { maxTextBytes, type OpenText, openText, readText } from "./open-text.ts";
export { type OutcomeFiles, type OutcomeFilesOptions, openOutcomeFiles, type Refused } from "./outcome-files.ts";
export { type ReadParquetOptions, readParquet } from "./parquet.ts";
export type { MalformedRecord, RecordAt } from "./record.ts";
export { type ReadRecordsOptions, readRecords } from "./records.ts";
export { isTar, tarEntries } from "./tar.ts";
export {
  type ReservedThread,
  serveThread,
  ThreadPool,
  type ThreadPoolOptions,
  type ThreadTaskOptions,
  threadFile,
} from "./thread-pool.ts";
