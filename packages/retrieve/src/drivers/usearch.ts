export type { BuildIndexOptions, BuiltIndex } from "./engine/build.ts";
export type { MeasuredRecall } from "./engine/manifest.ts";
export type { OpenIndexFolderOptions } from "./engine/open.ts";
export { type BuildUsearchOptions, buildUsearchIndex } from "./usearch/build.ts";
export { type OpenUsearchOptions, openUsearchIndex, type UsearchIndex } from "./usearch/open.ts";
