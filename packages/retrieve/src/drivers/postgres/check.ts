import { type CheckOutcome, checkOutcome, isLoopback } from "@rag-instruct/core";
import type { Postgres } from "./connect.ts";

const minServer = 13;
const minPgvector = [0, 8] as const;

interface Server {
  version: string;
  database: string;
  tls: boolean | null;
  superuser: boolean;
  may_create: boolean;
}

interface Extension {
  available: string;
  installed: string | null;
}

/** What {@link checkPostgres} looks at. */
export interface CheckPostgresOptions {
  postgres: Postgres;
  /** Host of the server; empty for a socket of this machine. */
  host: string;
  /** Schema of the tables. @default "public" */
  schema?: string;
  /** Whether vectors are kept there. @default true */
  hasVectors?: boolean;
}

/** A server's version, whether TLS is on, what its user may do, and pgvector. Changes nothing. Rejects when a query does. */
export async function checkPostgres({
  postgres,
  host,
  schema = "public",
  hasVectors = true,
}: CheckPostgresOptions): Promise<CheckOutcome[]> {
  const [server] = await postgres.query<Server>(serverQuery, [schema]);
  const [extension] = await postgres.query<Extension>(extensionQuery);
  const checks = [checkDatabase(server!, { host, schema })];
  if (hasVectors) checks.push(checkPgvector(extension, server!));
  return checks;
}

const serverQuery = `
  SELECT current_setting('server_version') AS version, current_database() AS database,
    (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
    CASE WHEN to_regnamespace(quote_ident($1)) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
      ELSE has_schema_privilege($1, 'CREATE') END AS may_create`;

const extensionQuery = `
  SELECT default_version AS available, installed_version AS installed
  FROM pg_available_extensions WHERE name = 'vector'`;

function checkDatabase(server: Server, { host, schema }: { host: string; schema: string }): CheckOutcome {
  const found = `PostgreSQL ${server.version} at ${host}, database ${server.database}, ${server.tls ? "TLS" : "no TLS"}`;
  if (Number.parseInt(server.version, 10) < minServer)
    return checkOutcome.failed("postgres", found, `install PostgreSQL ${minServer} or newer`);
  if (!server.may_create)
    return checkOutcome.failed(
      "postgres",
      `${found}; its user may not create tables in ${schema}`,
      "GRANT CREATE to it",
    );
  if (!server.tls && host !== "" && !isLoopback(host))
    return checkOutcome.warning("postgres", found, "add ?sslmode=verify-full to the URL outside one network of yours");
  return checkOutcome.ok("postgres", found);
}

function checkPgvector(extension: Extension | undefined, { superuser }: Server): CheckOutcome {
  if (!extension)
    return checkOutcome.failed("pgvector", "not installed on the server", "install pgvector 0.8 or newer there");
  const { available, installed } = extension;
  const [major = 0, minor = 0] = (installed ?? available).split(".").map(Number);
  const found = `${installed ?? available}${installed ? "" : ", not in this database yet"}`;
  if (major < minPgvector[0] || (major === minPgvector[0] && minor < minPgvector[1]))
    return checkOutcome.failed("pgvector", found, "install pgvector 0.8 or newer, and ALTER EXTENSION vector UPDATE");
  if (!installed && !superuser)
    return checkOutcome.failed("pgvector", found, "have an administrator run CREATE EXTENSION vector in this database");
  return checkOutcome.ok("pgvector", found);
}
