import { join, resolve } from "node:path";

/** A place in the shared data, which may not be there. */
export function sharedData(path: string): string {
  const root = process.env.RAG_INSTRUCT_SHARED_DATA ?? resolve(import.meta.dirname, "../../../../shared/data");
  return join(root, path);
}
