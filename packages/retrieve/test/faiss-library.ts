import { createRequire } from "node:module";
import type { FaissLibrary } from "../src/drivers/faiss.ts";

/** File of faiss-node's native part, built here: `.ci/run` shows how. */
export const faissModule = process.env.RAG_INSTRUCT_FAISS;

/** Threads of OpenMP that wait for one another by spinning stand still where other tests take the cores. */
export const oneThread = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

/** The library as a user hands it in. */
export function builtFaiss(): FaissLibrary {
  Object.assign(process.env, oneThread);
  return createRequire(import.meta.url)(faissModule!);
}
