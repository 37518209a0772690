import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
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
  /** Content by path; those that end in .onnx or .gguf are listed as large files, by SHA-256. */
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
  return { rfilename: path, size, blobId, lfs: /\.(onnx|gguf)$/.test(path) ? { sha256, size } : undefined };
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

/** A data set repository of {@link hubUploadServer}. */
export interface HubRepository {
  visibility: string;
  files: Map<string, { content: Uint8Array; lfs: boolean }>;
  commits: string[];
}

/** A hub on loopback that data sets can be pushed to. */
export interface HubUploadServer extends Closable {
  url: string;
  /** By `owner/name`. */
  repositories: Map<string, HubRepository>;
  /** Large objects taken so far, by SHA-256; they outlive a push that failed, as on the hub. */
  objects: Map<string, Uint8Array>;
  /** Every request, as "METHOD path" without the query. */
  requests: string[];
  /** How many of the next uploads of large objects are answered with a 500. */
  failUploads: number;
}

/**
 * Serves what @huggingface/hub uses to publish a data set: create, paths-info, preupload, the Git LFS batch with basic
 * transfers, and the commit.
 * @param options.token the only token it accepts
 */
export async function hubUploadServer({ token = "hf_made" }: { token?: string } = {}): Promise<HubUploadServer> {
  const repositories = new Map<string, HubRepository>();
  const objects = new Map<string, Uint8Array>();
  const requests: string[] = [];

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { pathname } = new URL(request.url ?? "/", hub.url);
    requests.push(`${request.method} ${pathname}`);
    const body = await bytesOf(request);
    if (pathname.startsWith("/lfs/")) return store(pathname.slice("/lfs/".length), body);
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: "Invalid token" }];
    const known = /^(?:\/api)?\/datasets\/([^/]+\/[^/]+?)(?:\.git)?(\/.*)?$/.exec(pathname);
    if (pathname === "/api/repos/create") return create(JSON.parse(body.toString()));
    const repository = known && repositories.get(known[1]!);
    if (!repository) return [404, { error: "Repository not found" }];
    return answerFor({ repository, objects, url: hub.url }, known[2] ?? "", body.toString());
  }
  function store(oid: string, body: Buffer): Answer {
    if (hub.failUploads > 0) {
      hub.failUploads -= 1;
      return [500, { error: "storage is away" }];
    }
    if (createHash("sha256").update(body).digest("hex") !== oid) return [400, { error: "wrong content" }];
    objects.set(oid, body);
    return [200, {}];
  }
  function create(wanted: { organization: string; name: string; visibility?: string }): Answer {
    const id = `${wanted.organization}/${wanted.name}`;
    if (repositories.has(id)) return [409, { error: "You already created this repo" }];
    repositories.set(id, { visibility: wanted.visibility ?? "public", files: new Map(), commits: [] });
    return [200, { url: `${hub.url}/datasets/${id}`, id }];
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: Error): Answer => [500, { error: error.message }])
      .then(([status, body]) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const hub: HubUploadServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repositories,
    objects,
    requests,
    failUploads: 0,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    [Symbol.asyncDispose]: () => hub.close(),
  };
  return hub;
}

/** Status and JSON body. */
type Answer = [number, unknown];

interface Place {
  repository: HubRepository;
  objects: Map<string, Uint8Array>;
  url: string;
}

function answerFor(place: Place, path: string, body: string): Answer {
  const { repository, objects, url } = place;
  if (path === "") return [200, { likes: 0 }];
  if (path === "/paths-info/main") return [200, infosOf(repository, JSON.parse(body).paths)];
  if (path === "/preupload/main") {
    const files = (JSON.parse(body).files as { path: string; size: number }[]).map(({ path }) => ({
      path,
      uploadMode: path.endsWith(".parquet") ? "lfs" : "regular",
    }));
    return [200, { files }];
  }
  if (path === "/info/lfs/objects/batch") {
    const wanted = JSON.parse(body).objects as { oid: string; size: number }[];
    const answers = wanted.map(({ oid, size }) => ({
      oid,
      size,
      actions: !objects.has(oid) ? { upload: { href: `${url}/lfs/${oid}` } } : undefined,
    }));
    return [200, { transfer: "basic", objects: answers }];
  }
  if (path === "/commit/main") return commit(place, body);
  return [404, { error: `nothing at ${path}` }];
}

function infosOf({ files }: HubRepository, paths: readonly string[]): object[] {
  return paths.flatMap((path) => {
    const file = files.get(path);
    if (!file) return [];
    const size = file.content.length;
    const oid = createHash("sha1").update(`blob ${size}\0`).update(file.content).digest("hex");
    const lfs = file.lfs && { oid: createHash("sha256").update(file.content).digest("hex"), size, pointerSize: 130 };
    return [{ type: "file", path, size, oid, lfs: lfs || undefined }];
  });
}

function commit({ repository, objects, url }: Place, body: string): Answer {
  const lines = body.split("\n").map((line) => JSON.parse(line) as { key: string; value: Record<string, string> });
  for (const { key, value } of lines) {
    const content = key === "lfsFile" ? objects.get(value.oid!) : Buffer.from(value.content ?? "", "base64");
    if (!content) return [400, { error: `no object ${value.oid}` }];
    if (key !== "header") repository.files.set(value.path!, { content, lfs: key === "lfsFile" });
  }
  const oid = createHash("sha1").update(body).digest("hex");
  repository.commits.push(oid);
  return [200, { commitOid: oid, commitUrl: `${url}/commit/${oid}`, hookOutput: "" }];
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
