import type { Postgres } from "@rag-instruct/retrieve/pgvector";
import { type Member, type RedisStatus, redisStatus } from "@rag-instruct/workers";
import type { ResolvedConfig } from "../config/schema.ts";
import { connectChoice } from "../run/retriever.ts";
import { version } from "../version.ts";
import { type Check, failed, isLoopback, ok, warning } from "./check.ts";

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
    const checks = [checkDatabase(server!, { host, schema })];
    if (retrieval !== "bm25") checks.push(checkPgvector(extensions[0], server!));
    return checks;
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

function checkDatabase(server: Server, { host, schema }: { host: string; schema: string }): Check {
  const found = `PostgreSQL ${server.version} at ${host}, database ${server.database}, ${server.tls ? "TLS" : "no TLS"}`;
  if (Number.parseInt(server.version, 10) < minServer)
    return failed("postgres", found, `install PostgreSQL ${minServer} or newer`);
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
  if (major < minPgvector[0] || (major === minPgvector[0] && minor < minPgvector[1]))
    return failed("pgvector", found, "install pgvector 0.8 or newer, and ALTER EXTENSION vector UPDATE");
  if (!installed && !superuser)
    return failed("pgvector", found, "have an administrator run CREATE EXTENSION vector in this database");
  return ok("pgvector", found);
}

const minRedis = 5;

/** The Redis of the workers: its version, who can reach it, whether it keeps what it is given, and who works there. No password is told. */
export async function checkRedis(url: string | undefined): Promise<Check[]> {
  if (url === undefined) return [];
  let status: RedisStatus;
  try {
    status = await redisStatus({ redis: url });
  } catch (error) {
    return [failed("redis", (error as Error).message, "start the server, or mend --redis")];
  }
  return [checkRedisServer(url, status), checkRedisMemory(status.info), checkWorkers(status.workers)];
}

function checkRedisServer(url: string, { place, info }: RedisStatus): Check {
  const { protocol, password, hostname } = new URL(url);
  const [, server = "unknown"] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [isOpen, isPlain] = [password === "", protocol === "redis:"];
  const found = `Redis ${server} at ${place}, ${isOpen ? "no password" : "password"}, ${isPlain ? "no TLS" : "TLS"}`;
  if (Number.parseInt(server, 10) < minRedis) return failed("redis", found, "install Redis 6.2 or newer");
  if (isOpen && !isLoopback(hostname))
    return warning("redis", found, "give it a password: whoever writes there has workers make calls");
  if (isPlain && !isLoopback(hostname)) return warning("redis", found, "use rediss:// outside one network of yours");
  return ok("redis", found);
}

function checkRedisMemory(info: string): Check {
  const [, used = "?"] = /^used_memory_human:(\S+)/m.exec(info) ?? [];
  const [, limit = "0"] = /^maxmemory:(\d+)/m.exec(info) ?? [];
  const [, policy = "noeviction"] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  const found = `${used} used${limit === "0" ? "" : " of a limit"}, ${policy}`;
  if (policy === "noeviction") return ok("redis memory", found);
  return warning("redis memory", found, "set maxmemory-policy to noeviction: work that is thrown away is done again");
}

function checkWorkers(workers: readonly Member[]): Check {
  const other = workers.find((worker) => worker.version !== version);
  if (other) {
    const found = `worker ${other.pid} on ${other.host} runs ${other.version}, this is ${version}`;
    return failed("workers", found, "install the same version on both");
  }
  const [calling, embedding] = (["calls", "embed"] as const).map(
    (lane) => workers.filter(({ serves }) => serves?.includes(lane)).length,
  );
  const found = `${workers.length} (${calling} make calls, ${embedding} embed)`;
  return workers.length > 0 ? ok("workers", found) : warning("workers", "none", "start one: rag-instruct worker");
}
