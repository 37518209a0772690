import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../core/test/free-port.ts";

/** Folder with `pginstall` and `libs` of a PostgreSQL 16 with pgvector. */
export const postgresFolder = process.env.RAG_INSTRUCT_POSTGRES;

const nobody = 65_534;

/** A real PostgreSQL with pgvector of its own on loopback. */
export interface TestPostgres extends AsyncDisposable {
  url: string;
}

/** Makes a cluster in a temporary folder and starts it; as root, under the user nobody, because PostgreSQL refuses root. */
export async function testPostgres(password = "open-sesame-1"): Promise<TestPostgres> {
  const install = join(postgresFolder!, "pginstall");
  const folder = await mkdtemp(join(tmpdir(), "rag-instruct-postgres-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, nobody, nobody);
  const run = (program: string, args: string[]) =>
    execFileSync(join(install, "bin", program), args, {
      stdio: "ignore",
      cwd: folder,
      env: { ...process.env, LD_LIBRARY_PATH: `${join(postgresFolder!, "libs")}:${join(install, "lib")}` },
      uid: isRoot ? nobody : undefined,
      gid: isRoot ? nobody : undefined,
    });
  const port = await freePort();
  const data = join(folder, "data");
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`;
  const secret = join(folder, "password");
  await writeFile(secret, password);
  if (isRoot) chownSync(secret, nobody, nobody);
  const authentication = ["-A", "scram-sha-256", "--pwfile", secret];
  run("initdb", ["-D", data, "-U", "rag", ...authentication, "-E", "UTF8", "--locale=C"]);
  run("pg_ctl", ["-D", data, "-o", settings, "-w", "-l", join(folder, "log"), "start"]);
  return {
    url: `postgres://rag:${password}@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      run("pg_ctl", ["-D", data, "-m", "immediate", "stop"]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
