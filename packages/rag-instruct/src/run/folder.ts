/** Name of the vector folder in a run folder. */
export const vectorFolder = "embeddings";

/** Name of the index of an engine that searches one of its own, in a run folder. */
export const engineFolder = "vector-index";

/** Name of the BM25 index in a run folder. */
export const indexFolder = "bm25";

/** Name of the file in a run folder that says what of it lies in PostgreSQL. It holds no address. */
export const sharedFile = "postgres.json";
