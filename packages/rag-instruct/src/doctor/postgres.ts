import type { Postgres } from "@rag-instruct/retrieve/pgvector";
import type { ResolvedConfig } from "../config.ts";
import { connectChoice } from "../postgres.ts";
import { type Check, failed, ok, warning } from "./check.ts";
import { isLoopback } from "./loopback.ts";

const leastServer = 13;
const leastPgvector = [0, 8] as const;

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

/** The PostgreSQL of a run: its version, TLS, what its user may do, and pgvector. No password is told. */
export async function checkPostgres({ postgres: choice, retrieval }: ResolvedConfig): Promise<Check[]> {
  if (!choice) return [];
  let postgres: Postgres;
  try {
    postgres = await connectChoice({ ...choice, connections: 1 });
  } catch (error) {
    return [failed("postgres", (error as Error).message, "start the server, or mend --postgres")];
  }
  try {
    const { schema = "public" } = choice;
    const [server] = await postgres.query<Server>(serverQuery, [schema]);
    const extensions = await postgres.query<Extension>(extensionQuery);
    const host = new URL(choice.url ?? process.env.RAG_INSTRUCT_POSTGRES_URL!).hostname;
    return [
      checkServer(server!, { host, schema }),
      ...(retrieval === "bm25" ? [] : [checkPgvector(extensions[0], server!)]),
    ];
  } catch (error) {
    return [failed("postgres", (error as Error).message, "look at the server's log")];
  } finally {
    await postgres.close();
  }
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

function checkServer(server: Server, { host, schema }: { host: string; schema: string }): Check {
  const found = `PostgreSQL ${server.version} at ${host}, database ${server.database}, ${server.tls ? "TLS" : "no TLS"}`;
  if (Number.parseInt(server.version, 10) < leastServer)
    return failed("postgres", found, `install PostgreSQL ${leastServer} or newer`);
  if (!server.may_create)
    return failed("postgres", `${found}; its user may not create tables in ${schema}`, "GRANT CREATE to it");
  if (!server.tls && !isLoopback(host))
    return warning("postgres", found, "add ?sslmode=verify-full to the URL outside one network of yours");
  return ok("postgres", found);
}

function checkPgvector(extension: Extension | undefined, { superuser }: Server): Check {
  if (!extension) return failed("pgvector", "not installed on the server", "install pgvector 0.8 or newer there");
  const { available, installed } = extension;
  const [major = 0, minor = 0] = (installed ?? available).split(".").map(Number);
  const found = `${installed ?? available}${installed ? "" : ", not in this database yet"}`;
  if (major < leastPgvector[0] || (major === leastPgvector[0] && minor < leastPgvector[1]))
    return failed("pgvector", found, "install pgvector 0.8 or newer, and ALTER EXTENSION vector UPDATE");
  if (!installed && !superuser)
    return failed("pgvector", found, "have an administrator run CREATE EXTENSION vector in this database");
  return ok("pgvector", found);
}
