export {
  decodeFloat16,
  encodeFloat16,
  maxNpyHeader,
  type NpyHeader,
  npyHeader,
  parseNpyHeader,
  type VectorDtype,
} from "./npy.ts";
export {
  type RowIds,
  readVectorManifest,
  rowIdsOf,
  type VectorManifest,
  type VectorShard,
  type VectorShardOptions,
  writeVectorManifest,
  writeVectorShard,
} from "./vector-files.ts";
export { openVectorFolder, type VectorBlock, type VectorFolder } from "./vector-folder.ts";
