import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../core/test/free-port.ts";

/** A real Redis of its own, which can be killed and started again in the same place. */
export interface TestRedis extends AsyncDisposable {
  url: string;
  client: Redis;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export const hasRedis = isInstalled();

/** Starts redis-server on a free port of loopback. */
export async function testRedis({
  persistent = false,
  password,
  tls,
}: {
  persistent?: boolean;
  password?: string;
  tls?: TlsFiles;
} = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "rag-instruct-redis-"));
  const port = await freePort();
  const settings = ["--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  settings.push(...(tls ? tlsSettings(port, tls) : ["--port", String(port)]));
  if (persistent) settings.push("--appendonly", "yes", "--appendfsync", "always");
  if (password !== undefined) settings.push("--requirepass", password);
  const url = `${tls ? "rediss" : "redis"}://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
    tls: tls ? { rejectUnauthorized: false } : undefined,
  });
  client.on("error", () => {});

  const redis: TestRedis = {
    url,
    client,
    async start() {
      server = spawn("redis-server", settings, { stdio: ["ignore", "ignore", "ignore"] });
      await client.ping();
    },
    async kill() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return;
      server.kill("SIGKILL");
      await once(server, "exit");
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await redis.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

/** A key and its certificate, as files. */
export interface TlsFiles {
  key: string;
  certificate: string;
}

function tlsSettings(port: number, { key, certificate }: TlsFiles): string[] {
  const files = ["--tls-key-file", key, "--tls-cert-file", certificate, "--tls-ca-cert-file", certificate];
  return ["--port", "0", "--tls-port", String(port), ...files, "--tls-auth-clients", "no"];
}

/** Makes a certificate for 127.0.0.1 that signs itself. */
export function selfSigned(folder: string): TlsFiles {
  const files = { key: join(folder, "key.pem"), certificate: join(folder, "certificate.pem") };
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const out = ["-keyout", files.key, "-out", files.certificate];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...out], {
    stdio: "ignore",
  });
  return files;
}

function isInstalled(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
