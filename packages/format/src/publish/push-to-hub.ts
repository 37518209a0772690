import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { amount, type OnProgress, programName, RagInstructError, shellWord } from "@rag-instruct/core";
import { hashReviews, importPeer, readJsonFile, type StageRecord } from "@rag-instruct/core/node";
import { parquetFile } from "../exports/parquet.ts";
import { recordFormats } from "../exports/record-formats.ts";
import { readExamples } from "../read-examples.ts";
import { dryRunTag, isDryRunModel } from "./dataset-card.ts";

type Hub = typeof import("@huggingface/hub");

/** Options of {@link pushToHub}. */
export interface PushOptions {
  /** What is published, with a dataset card as README.md. */
  folder: string;
  /** `owner/name`. */
  repo: string;
  /** Access token with the right to write. Not needed for a dry run. @default HF_TOKEN */
  token?: string;
  /** @default "private" */
  visibility?: "private" | "public";
  /** Say what would be done, and contact nothing. @default false */
  dryRun?: boolean;
  /** Publish pairs of the offline model and recorded ones. @default false */
  allowDryRunData?: boolean;
  /** URL of the hub. @default HF_ENDPOINT, else https://huggingface.co */
  endpoint?: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link pushToHub} did, or would do. */
export interface PushReport {
  url: string;
  /** Whether the repository was made now. */
  created: boolean;
  /** Paths sent, and paths that were there already with the same content. */
  uploaded: string[];
  unchanged: string[];
  /** Paths in the exports of a run that its last export did not write, as other formats of an earlier one: they are not sent. */
  leftOut: string[];
  /** Absent where nothing had to be sent. */
  commit?: string;
}

interface LocalFile {
  path: string;
  size: number;
  absolute: string;
}

/**
 * Publishes a folder as a data set, in one commit, so that no half of it is ever visible. Running it again sends only
 * what the hub does not have, also after an interruption. Throws `file-missing` without a dataset card, `bad-input` for
 * data for dry runs and for exports of a run on whose pairs people have decided since, `peer-missing`, and `server-failed` with what the hub says.
 */
export async function pushToHub(options: PushOptions): Promise<PushReport> {
  const { folder, repo, visibility = "private", dryRun = false } = options;
  const { HF_TOKEN, HF_ENDPOINT } = process.env;
  const token = options.token ?? HF_TOKEN;
  const endpoint = (options.endpoint || HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) {
    throw new RagInstructError("bad-option", `a data set is called owner/name on the hub, not ${repo}`);
  }
  const { files, leftOut } = await lastWritten(folder, await filesOf(folder));
  await refuseDryRunData(folder, files, options.allowDryRunData ?? false);
  await refuseOutdated(folder);
  const url = `${endpoint}/datasets/${repo}`;
  if (dryRun) return { url, created: false, uploaded: files.map(({ path }) => path), unchanged: [], leftOut };
  if (!token)
    throw new RagInstructError("bad-option", "publishing needs an access token with the right to write; set HF_TOKEN");

  const hub = await importPeer("@huggingface/hub", () => import("@huggingface/hub"));
  const access = { repo: { type: "dataset" as const, name: repo }, accessToken: token, hubUrl: endpoint };
  return withHubErrors(repo, options.signal, async () => {
    const created = !(await hub.repoExists(access));
    if (created) await hub.createRepo({ ...access, visibility });
    const unchanged = created ? new Set<string>() : await sameOnHub(hub, access, files);
    const changed = files.filter(({ path }) => !unchanged.has(path));
    const report = { url, created, uploaded: changed.map(({ path }) => path), unchanged: [...unchanged], leftOut };
    if (changed.length === 0) return report;
    const commit = await upload(hub, access, changed, options);
    return { ...report, commit: commit || undefined };
  });
}

async function filesOf(folder: string): Promise<LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    throw new RagInstructError("file-missing", `${folder} is not there`, { cause: error });
  });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith(".")),
    );
  const files = await Promise.all(
    paths.map(async (absolute): Promise<LocalFile> => {
      const path = relative(folder, absolute).split(sep).join("/");
      return { path, absolute, size: (await stat(absolute)).size };
    }),
  );
  if (!files.some(({ path }) => path === "README.md")) {
    throw new RagInstructError("file-missing", `${folder} has no README.md; write a dataset card into it first`);
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function refuseDryRunData(folder: string, files: readonly LocalFile[], allowed: boolean): Promise<void> {
  if (allowed) return;
  const models = await modelsOf(files.map(({ absolute }) => absolute));
  const card = await readFile(join(folder, "README.md"), "utf8");
  if (!models.some(isDryRunModel) && !card.includes(`"${dryRunTag}"`)) return;
  throw new RagInstructError(
    "bad-input",
    `${folder} holds pairs of the offline model or of recorded replies, which are for dry runs and not for training; only a program publishes them, by pushToHub with allowDryRunData`,
  );
}

/** The files of a run's last export; all where the folder is none of a run. What an earlier one left may hold pairs that have gone since. */
async function lastWritten(folder: string, files: readonly LocalFile[]) {
  const outputs = (await exportRecord(folder))?.outputs;
  const isWritten = ({ path }: LocalFile) => outputs === undefined || `${basename(resolve(folder))}/${path}` in outputs;
  return {
    files: files.filter(isWritten),
    leftOut: files.filter((file) => !isWritten(file)).map(({ path }) => path),
  };
}

/** What the run around a folder records of its exports. */
async function exportRecord(folder: string): Promise<Partial<StageRecord> | undefined> {
  const stages = await readJsonFile<Record<string, Partial<StageRecord>>>(
    join(dirname(resolve(folder)), "stages.json"),
  );
  return stages?.export;
}

/** What people rejected or edited since a run's files were given out would be published as it was. */
async function refuseOutdated(folder: string): Promise<void> {
  const run = dirname(resolve(folder));
  const now = await hashReviews(run);
  const made = (await exportRecord(folder))?.inputs;
  if (now === undefined || made === undefined || made.reviews === now) return;
  throw new RagInstructError(
    "bad-input",
    `people have decided on pairs of ${run} since ${folder} was written; write it again with: ${programName()} export ${shellWord(run)}`,
  );
}

type Access = { repo: { type: "dataset"; name: string }; accessToken: string; hubUrl: string };

async function sameOnHub(hub: Hub, access: Access, files: readonly LocalFile[]): Promise<Set<string>> {
  const known = await hub.pathsInfo({ ...access, paths: files.map(({ path }) => path) });
  const same = new Set<string>();
  for (const { path, absolute, size } of files) {
    const remote = known.find((one) => one.path === path);
    if (remote?.size !== size) continue;
    const [digest, expected] = remote.lfs
      ? [await digestOf(absolute, "sha256"), remote.lfs.oid]
      : [await digestOf(absolute, "sha1", `blob ${size}\0`), remote.oid];
    if (digest === expected) same.add(path);
  }
  return same;
}

/** Large files are named by SHA-256, small ones by Git's own SHA-1 of a head and the content. */
async function digestOf(path: string, algorithm: "sha1" | "sha256", head = ""): Promise<string> {
  const hash = createHash(algorithm).update(head);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

async function upload(
  hub: Hub,
  access: Access,
  files: readonly LocalFile[],
  { onProgress, signal }: PushOptions,
): Promise<string | undefined> {
  const operations = files.map(({ path, absolute }) => ({
    operation: "addOrUpdate" as const,
    path,
    content: pathToFileURL(absolute),
  }));
  const title = `Add ${amount(files.length, "file")} with @rag-instruct/format`;
  const events = hub.commitIter({ ...access, operations, title, abortSignal: signal });
  const done = new Set<string>();
  let event = await events.next();
  while (!event.done) {
    if (event.value.event === "fileProgress" && event.value.state === "uploading" && event.value.progress === 1) {
      done.add(event.value.path);
      onProgress?.({ stage: "push", done: done.size, total: files.length, note: event.value.path });
    }
    event = await events.next();
  }
  return event.value?.commit.oid;
}

async function withHubErrors<T>(repo: string, signal: AbortSignal | undefined, action: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await action();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (RagInstructError.is(error)) throw error;
    const { message, statusCode } = error as Error & { statusCode?: number };
    const advice = statusCode === 401 || statusCode === 403 ? "; give a token that may write there" : "";
    throw new RagInstructError("server-failed", `publishing ${repo} failed: ${message}${advice}`, { cause: error });
  }
}

/** The models that wrote the examples in these files, as far as the files say: Parquet and lossless JSON Lines do. */
async function modelsOf(paths: readonly string[]): Promise<string[]> {
  const models = new Set<string>();
  for (const path of paths) {
    if (basename(path) !== parquetFile && basename(path) !== recordFormats.examples.file) continue;
    for await (const { model } of readExamples(path)) if (model) models.add(model);
  }
  return [...models];
}
