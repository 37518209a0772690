import { resolve } from "node:path";

/** Where real data for tests lies, when it does. */
export const sharedData =
  process.env.RAG_INSTRUCT_SHARED_DATA ?? resolve(import.meta.dirname, "../../../../shared/data");
