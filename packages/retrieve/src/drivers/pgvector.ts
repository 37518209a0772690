export {
  type CheckPostgresOptions,
  checkPostgres,
  connectPostgres,
  type PgliteLike,
  type Postgres,
  pglitePostgres,
  type Statements,
  type TablePlace,
} from "./postgres/connect.ts";

export { openPostgresPassages, type PostgresPassages } from "./postgres/passages.ts";
export {
  openSharedPassages,
  openSharedVectors,
  type ShareCorpusOptions,
  type SharedCorpus,
  type ShareStageOptions,
  shareCorpus,
  shareStage,
} from "./postgres/share.ts";
export {
  type BuildPgvectorOptions,
  buildPgvectorIndex,
  type OpenPgvectorOptions,
  openPgvectorIndex,
} from "./postgres/vectors.ts";
