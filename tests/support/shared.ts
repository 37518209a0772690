import { join } from "node:path";
import { fileURLToPath } from "node:url";

const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));

/** Data that is no part of this repository; tests that need it skip where it is absent. */
export const sharedData = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(shared, "data");
export const miniLm = join(process.env.RAG_INSTRUCT_SHARED_MODELS ?? join(shared, "models"), "all-MiniLM-L6-v2");
