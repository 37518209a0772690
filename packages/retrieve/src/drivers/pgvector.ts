export { type BuildPgvectorOptions, buildPgvectorIndex } from "./postgres/build-index.ts";
export { connectPostgres, type Postgres, type Statements } from "./postgres/connect.ts";
export type { TablePlace } from "./postgres/names.ts";
export { type OpenPgvectorOptions, openPgvectorIndex } from "./postgres/open-index.ts";
export { openPostgresPassages, type PostgresPassages } from "./postgres/passages.ts";
export { type PgliteLike, pglitePostgres } from "./postgres/pglite.ts";
