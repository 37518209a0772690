export { decodeFloat16, encodeFloat16 } from "./float16.ts";
export {
  readVectorManifest,
  type VectorManifest,
  type VectorShard,
  writeVectorManifest,
} from "./manifest.ts";
export { maxNpyHeader, type NpyHeader, npyHeader, parseNpyHeader, type VectorDtype } from "./npy.ts";
export { type RowIds, rowIdsOf } from "./row-ids.ts";
export { openVectorFolder, type VectorBlock, type VectorFolder } from "./vector-folder.ts";
export { type VectorShardOptions, writeVectorShard } from "./write-shard.ts";
