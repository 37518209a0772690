import { open, stat } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";

/** The beginning of a FAISS index file. */
export interface FaissHeader {
  /** Four letters that name the kind of index. */
  kind: string;
  dimensions: number;
  /** Number of vectors. */
  count: number;
  isTrained: boolean;
  /** As faiss/MetricType.h numbers it. */
  metric: number;
}

export const headerBytes = 37;
/** What FAISS writes between count and training; it has no meaning. */
const filler = 1n << 20n;
const flatKinds = new Set(["IxFI", "IxF2", "IxFl"]);

/**
 * Reads the header that every float index begins with (write_index_header in faiss/impl/index_write.cpp), because faiss-node
 * does not say what the metric is, and ends the process over some damaged files.
 * Throws `file-missing`, `unknown-format` for anything else, and `file-corrupt` where the file is cut short.
 */
export async function readFaissHeader(path: string): Promise<FaissHeader> {
  const handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there or cannot be read`, { cause });
  });
  const bytes = Buffer.alloc(headerBytes + 8);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0).finally(() => handle.close());
  const kind = bytes.toString("latin1", 0, 4);
  if (!/^I[A-Za-z0-9]{3}$/.test(kind)) {
    throw new RagInstructError("unknown-format", `${path} is no FAISS index`);
  }
  const header: FaissHeader = {
    kind,
    dimensions: bytes.readInt32LE(4),
    count: Number(bytes.readBigInt64LE(8)),
    isTrained: bytes[32] === 1,
    metric: bytes.readInt32LE(33),
  };
  const { size } = await stat(path);
  const { dimensions, count } = header;
  // An empty flat index alone is as short as its header and one number.
  if (bytesRead < bytes.length) throw corrupt(path, "is cut short");
  if (bytes.readBigInt64LE(16) !== filler || dimensions < 1 || count < 0 || count > size * 8) {
    throw corrupt(path, "does not begin as a float index of FAISS does");
  }
  const whole = bytes.length + count * dimensions * 4;
  if (flatKinds.has(kind) && header.metric <= 1 && size !== whole) {
    throw corrupt(path, `has ${size} bytes where ${whole} belong`);
  }
  return header;
}

function corrupt(path: string, what: string): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; write it again`);
}
