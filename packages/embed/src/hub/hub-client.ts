import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";

const maxAttempts = 5;
const firstWaitMs = 200;

/** A hub, and who asks. */
export interface Hub {
  endpoint: string;
  token: string | undefined;
}

/** A file of a model as the hub lists it. */
export interface HubFile {
  path: string;
  size: number;
  /** SHA-256 of a large file; SHA-1 of the git blob of a small one. */
  hash: string;
  algorithm: "sha256" | "git-sha1";
}

/** What a revision of a model holds. */
interface ModelListing {
  commit: string;
  files: HubFile[];
}

interface Sibling {
  rfilename: string;
  size?: number;
  blobId?: string;
  lfs?: { sha256: string; size: number };
}

/** Lists a revision. Throws `server-failed`, saying what to do. */
export async function listModel(
  hub: Hub,
  { model, revision, idle, signal }: { model: string; revision: string; idle: number; signal: AbortSignal | undefined },
): Promise<ModelListing> {
  const path = `/api/models/${model}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const what = `${model} at ${revision}`;
  const text = await retrying(async (attempt) => (await askHub(hub, path, { what, signal: attempt.signal })).text(), {
    what,
    idle,
    signal,
  });
  const { sha, siblings } = parseListing(text);
  if (!sha || !/^[0-9a-f]+$/.test(sha) || !Array.isArray(siblings)) {
    const message = `${hub.endpoint} did not answer with a list of the files of ${model}; is it the address of a hub?`;
    throw new RagInstructError("server-failed", message);
  }
  return { commit: sha, files: siblings.flatMap((sibling) => fileOf(sibling, model)) };
}

function parseListing(text: string): { sha?: string; siblings?: Sibling[] } {
  try {
    return (JSON.parse(text) ?? {}) as ReturnType<typeof parseListing>;
  } catch {
    return {};
  }
}

function fileOf({ rfilename: path, size = 0, blobId, lfs }: Sibling, model: string): HubFile[] {
  const hash = lfs?.sha256 ?? blobId;
  if (hash === undefined) return [];
  // Both become names of files on this machine.
  const leadsElsewhere = path.includes("\\") || path.split("/").some((part) => ["", ".", ".."].includes(part));
  if (leadsElsewhere || !/^[0-9a-f]+$/.test(hash)) {
    throw new RagInstructError(
      "unknown-format",
      `${model} names a file ${JSON.stringify(path)}, which leads elsewhere`,
    );
  }
  return [{ path, hash, size: lfs?.size ?? size, algorithm: lfs ? "sha256" : "git-sha1" }];
}

/** One request. Throws `server-failed` for any answer but a good one; a token is sent to the hub alone, not where it points on to. */
export async function askHub(
  { endpoint, token }: Hub,
  path: string,
  { what, signal, from = 0 }: { what: string; signal: AbortSignal | undefined; from?: number },
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (from > 0) headers.range = `bytes=${from}-`;
  const response = await fetch(`${endpoint}${path}`, { headers, signal }).catch((cause: Error) => {
    signal?.throwIfAborted();
    const why = (cause.cause as Error | undefined)?.message ?? cause.message;
    const advice = "set HF_ENDPOINT to a hub that can be, or HF_HUB_OFFLINE=1 to take what the cache has";
    throw new RagInstructError("server-failed", `${endpoint} cannot be reached for ${what} (${why}); ${advice}`, {
      cause,
    });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  const { status } = response;
  if (status === 401 || status === 403) {
    const advice = token ? "the token may not read it" : "check its name, and set HF_TOKEN if it is private or gated";
    throw new RagInstructError("server-failed", `${endpoint} answered ${status} for ${what}: ${advice}`, {
      cause: { status },
    });
  }
  if (status === 404)
    throw new RagInstructError("server-failed", `${endpoint} has no ${what}; check name and revision`, {
      cause: { status },
    });
  throw new RagInstructError("server-failed", `${endpoint} answered ${status} for ${what}`, { cause: { status } });
}

/** What an attempt is given. */
export interface Attempt {
  signal: AbortSignal;
  /** To be called with each byte that comes. */
  alive(): void;
}

/** Options of {@link retrying}. */
interface RetryOptions {
  /** What is asked for, in messages. */
  what: string;
  /** Milliseconds without a byte before an attempt is given up. */
  idle: number;
  signal: AbortSignal | undefined;
}

/**
 * Asks a server up to five times, each time after twice the wait; what will not change is thrown at once. Throws the
 * caller's reason unwrapped, and `server-failed` where nobody answers.
 */
export async function retrying<T>(ask: (attempt: Attempt) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await watched(ask, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFinal(error) || attempt >= maxAttempts) throw error;
      await sleep(firstWaitMs * 2 ** (attempt - 1), undefined, { signal: options.signal });
    }
  }
}

async function watched<T>(ask: (attempt: Attempt) => Promise<T>, { what, idle, signal }: RetryOptions): Promise<T> {
  const watchdog = new AbortController();
  const stalled = () =>
    watchdog.abort(new RagInstructError("server-failed", `${what}: no byte within ${idle / 1000} s`));
  const timer = setTimeout(stalled, idle);
  try {
    const either = signal ? AbortSignal.any([signal, watchdog.signal]) : watchdog.signal;
    return await ask({ signal: either, alive: () => void timer.refresh() });
  } finally {
    clearTimeout(timer);
  }
}

function isFinal(error: unknown): boolean {
  if (!RagInstructError.is(error)) return false;
  if (error.code !== "server-failed") return true;
  const { status } = (error.cause ?? {}) as { status?: number };
  return status !== undefined && status < 500 && status !== 429 && status !== 408;
}
