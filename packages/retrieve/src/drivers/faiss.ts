export type { BuildIndexOptions, BuiltIndex } from "./engine/build.ts";
export type { OpenIndexFolderOptions } from "./engine/open.ts";
export { type BuildFaissOptions, buildFaissIndex } from "./faiss/build.ts";
export type { FaissLibrary, FaissLibraryIndex } from "./faiss/library.ts";
export { type OpenFaissFileOptions, type OpenFaissOptions, openFaissFile, openFaissIndex } from "./faiss/open.ts";
