import { RagInstructError } from "@rag-instruct/core";
import { type ByteReader, corruptFaiss } from "./byte-reader.ts";

/** The beginning of a FAISS index. */
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

/**
 * Reads the header that every float index begins with (write_index_header in faiss/impl/index_write.cpp).
 * Throws `unknown-format` for anything else, and `file-corrupt` where the file is cut short.
 */
export async function readHeader(reader: ByteReader): Promise<FaissHeader> {
  const kind = (await reader.read(Math.min(4, reader.size - reader.at()))).toString("latin1");
  if (!/^I[A-Za-z0-9]{3}$/.test(kind)) {
    if (reader.at() > 4) throw corruptFaiss(reader.path, `holds no index at ${reader.at() - 4}, where one belongs`);
    throw new RagInstructError("unknown-format", `${reader.path} is no FAISS index`);
  }
  const bytes = await reader.read(headerBytes - 4);
  const header: FaissHeader = {
    kind,
    dimensions: bytes.readInt32LE(0),
    count: Number(bytes.readBigInt64LE(4)),
    isTrained: bytes[28] === 1,
    metric: bytes.readInt32LE(29),
  };
  // Binary indexes have another header.
  if (bytes.readBigInt64LE(12) !== filler || header.dimensions < 1 || header.count < 0) {
    throw corruptFaiss(reader.path, `does not begin as a float index of FAISS does, at ${reader.at() - headerBytes}`);
  }
  // Metrics beyond L2 have an argument.
  if (header.metric > 1) reader.skip(4);
  return header;
}
