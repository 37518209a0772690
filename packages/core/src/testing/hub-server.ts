import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Closable } from "../plug-points.ts";

/** What a hub can do wrong when a file is asked for. */
export interface HubFaults {
  /** So many answers break off in the middle. */
  truncate?: number;
  /** So many answers stop in the middle and never go on. */
  stall?: number;
  /** Milliseconds between two pieces of a body. */
  slow?: number;
  /** Paths whose content is another one than listed. */
  changed?: string[];
  /** Answers ranges with the whole file. */
  noRanges?: boolean;
}

/** Options of {@link hubServer}. */
export interface HubServerOptions {
  /** `owner/name`. */
  model: string;
  /** Content by path; those that end in .onnx are listed as large files, by SHA-256. */
  files: Record<string, Uint8Array>;
  /** The only token it accepts; without it everyone may read. */
  token?: string;
  faults?: HubFaults;
}

/** A hub on loopback that serves one model. */
export interface HubServer extends Closable {
  url: string;
  commit: string;
  /** Every request as "path" and "path bytes=n-" for a range. */
  requests: string[];
  faults: HubFaults;
}

/** Serves the listing of a model and its files, with ranges, as a hub does, and as badly as the faults say. */
export async function hubServer({ model, files, token, faults = {} }: HubServerOptions): Promise<HubServer> {
  const commit = createHash("sha1").update(Object.keys(files).join()).digest("hex");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", hub.url).pathname);
    const { range, authorization } = request.headers;
    requests.push(range ? `${path} ${range}` : path);
    if (token && authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    if (path === `/api/models/${model}/revision/main` || path === `/api/models/${model}/revision/${commit}`) {
      return void response.end(JSON.stringify({ sha: commit, siblings: Object.entries(files).map(describe) }));
    }
    const prefix = `/${model}/resolve/${commit}/`;
    const content = path.startsWith(prefix) ? files[path.slice(prefix.length)] : undefined;
    if (!content) return void response.writeHead(404).end();
    const changed = hub.faults.changed?.includes(path.slice(prefix.length));
    const from = hub.faults.noRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    void serve(response, { content: changed ? content.map((byte) => byte ^ 1) : content, from, faults: hub.faults });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const hub: HubServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commit,
    requests,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    [Symbol.asyncDispose]: () => hub.close(),
  };
  return hub;
}

function describe([path, content]: [string, Uint8Array]): object {
  const size = content.length;
  const blobId = createHash("sha1").update(`blob ${size}\0`).update(content).digest("hex");
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { rfilename: path, size, blobId, lfs: path.endsWith(".onnx") ? { sha256, size } : undefined };
}

/** Milliseconds that let the first half of a body arrive before its connection breaks. */
const arrival = 50;

async function serve(
  response: ServerResponse,
  { content, from, faults }: { content: Uint8Array; from: number; faults: HubFaults },
): Promise<void> {
  const body = content.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": body.length });
  const middle = Math.floor(body.length / 2);
  await new Promise<void>((resolve) => response.write(body.subarray(0, middle), () => resolve()));
  if (faults.slow) await sleep(faults.slow);
  if (faults.truncate) {
    faults.truncate -= 1;
    await sleep(arrival);
    return void response.destroy();
  }
  if (faults.stall) {
    faults.stall -= 1;
    return;
  }
  response.end(body.subarray(middle));
}
