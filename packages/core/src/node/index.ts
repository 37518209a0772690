export { type AtomicFile, openAtomic, syncFolder, writeAtomic } from "./atomic.ts";
export { importPeer } from "./import-peer.ts";
export { type JsonlFile, openJsonl, readJsonl } from "./jsonl.ts";
export { lockFile, lockFolder } from "./lock.ts";
export { type MalformedRecord, type ReadRecordsOptions, type RecordAt, readRecords } from "./records.ts";
