import { RagInstructError, type Vectors } from "@rag-instruct/core";

/** Throws `bad-option` for a limit that is no whole number above 0. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RagInstructError("bad-option", `limit is ${limit}; it must be 1 or more`);
  }
}

/** Throws `bad-option` for a bad limit, `index-mismatch` for queries of other dimensions, and `bad-input` for numbers that are none. */
export function checkQueries(queries: Vectors, { limit, dimensions }: { limit: number; dimensions: number }): void {
  checkLimit(limit);
  if (queries.dimensions !== dimensions) {
    throw new RagInstructError(
      "index-mismatch",
      `the queries have ${queries.dimensions} dimensions and the index ${dimensions}; embed them with the model of the index`,
    );
  }
  const bad = queries.data.subarray(0, queries.count * dimensions).findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) {
    const query = Math.floor(bad / dimensions);
    throw new RagInstructError("bad-input", `the vector of query ${query} holds ${queries.data[bad]}`);
  }
}
