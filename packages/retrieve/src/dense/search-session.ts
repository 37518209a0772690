import { RagInstructError, type Vectors } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { searchModel } from "./search-model.ts";

/** The best rows of one block for each query: `limit` a query, best first. */
export interface BlockHits {
  limit: number;
  rows: Int32Array;
  scores: Float32Array;
}

/** The search of one block on ONNX Runtime. */
export interface SearchSession {
  search(queries: Vectors, passages: Vectors, limit: number): Promise<BlockHits>;
  release(): Promise<void>;
}

/** Throws `peer-missing` without onnxruntime-node. */
export async function searchSession({ threads }: { threads: number | undefined }): Promise<SearchSession> {
  const { InferenceSession, Tensor } = await importPeer("onnxruntime-node", () => import("onnxruntime-node"));
  const session = await InferenceSession.create(searchModel(), {
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
  const matrix = ({ data, count, dimensions }: Vectors) =>
    new Tensor("float32", data.subarray(0, count * dimensions), [count, dimensions]);
  return {
    async search(queries, passages, limit) {
      const k = Math.min(limit, passages.count);
      const outputs = await session.run({
        queries: matrix(queries),
        passages: matrix(passages),
        k: new Tensor("int64", BigInt64Array.of(BigInt(k)), [1]),
      });
      const [rows, scores] = [outputs.rows?.data, outputs.scores?.data];
      if (!(rows instanceof Int32Array && scores instanceof Float32Array)) {
        throw new RagInstructError("call-failed", "ONNX Runtime gave no hits; update onnxruntime-node");
      }
      return { limit: k, rows, scores };
    },
    release: () => session.release(),
  };
}
