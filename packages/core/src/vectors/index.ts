export {
  readVectorManifest,
  type VectorManifest,
  type VectorShard,
  writeVectorManifest,
} from "./manifest.ts";
export {
  decodeFloat16,
  encodeFloat16,
  maxNpyHeader,
  type NpyHeader,
  npyHeader,
  parseNpyHeader,
  type VectorDtype,
} from "./npy.ts";
export { type RowIds, rowIdsOf, type VectorShardOptions, writeVectorShard } from "./shards.ts";
export { openVectorFolder, type VectorBlock, type VectorFolder } from "./vector-folder.ts";
