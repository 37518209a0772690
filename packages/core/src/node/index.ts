export { syncFolder, writeAtomic } from "./atomic.ts";
export { importPeer } from "./import-peer.ts";
export { type JsonlFile, openJsonl, readJsonl } from "./jsonl.ts";
export { lockFolder } from "./lock.ts";
export { type MalformedRecord, type ReadRecordsOptions, type RecordAt, readRecords } from "./records.ts";
