import type { Vectors } from "@rag-instruct/core";
import type { PackedVectors } from "./protocol.ts";

/** Vectors as they cross Redis. */
export function packVectors({ data, dimensions }: Pick<Vectors, "data" | "dimensions">): PackedVectors {
  return { dimensions, base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") };
}

/** The numbers of packed vectors, row-major. */
export function unpackVectors({ base64 }: PackedVectors): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
