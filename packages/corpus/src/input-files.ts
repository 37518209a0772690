import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { amount, type CheckOutcome, checkOutcome, type LeftOut, RagInstructError } from "@rag-instruct/core";
import { extensionOf, isThere } from "@rag-instruct/core/node";
import ignore, { type Ignore } from "ignore";
import picomatch from "picomatch";
import { type LeftOutReason, leaveOut, whyPassedOver } from "./left-out.ts";

/** A file to be read. */
export interface InputFile {
  /** The path as the user gave it, or joined to the folder that the user gave. */
  path: string;
  /** Path within the folder that was given, with `/`; the file's name where it was given itself. */
  source: string;
  /** True where the file was given by its own path: then it must be readable. */
  named: boolean;
}

/** What of a folder is read. */
export interface ListOptions {
  /** Leaves out what git ignores, by the `.gitignore` files of the folder, of the folders in it, and of those around it in its repository. @default false */
  gitignore?: boolean;
}

/**
 * The files behind paths, folders, globs and `-` (standard input), of each in the order of names. Left out of a folder are hidden entries,
 * `node_modules`, lock files and minified bundles, and links that lead out of it. A repository in the cache of Hugging Face, whose files
 * are all links, stands for the snapshot of its main branch, and links within it are followed. Throws `file-missing`.
 * @param options.leftOut gets the entries that are left out of folders; those that a glob does not match are not counted
 */
export async function listInputFiles(
  from: string | readonly string[],
  { leftOut = [], gitignore = false }: ListOptions & { leftOut?: LeftOut[] } = {},
): Promise<InputFile[]> {
  const files: InputFile[] = [];
  const seen = new Set<string>();
  for (const given of typeof from === "string" ? [from] : from) {
    for (const file of await filesBehind(given, { leftOut, gitignore })) {
      const key = file.path === "-" ? "-" : await realpath(file.path);
      if (!seen.has(key)) files.push(file);
      seen.add(key);
    }
  }
  return files;
}

const recordExtensions = ["json", "jsonl", "ndjson", "csv", "tsv", "parquet"];

/**
 * The files of records behind paths, folders and globs, as {@link listInputFiles} finds them; of a folder those that are called JSON,
 * JSON lines, CSV, TSV or Parquet, packed or not. Throws `file-missing`, also for a folder that has none.
 */
export async function listRecordFiles(from: string | readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const given of typeof from === "string" ? [from] : from) {
    const files = await listInputFiles(given);
    const isFolder = (await stat(given).catch(() => undefined))?.isDirectory() ?? false;
    const records = files.filter(({ path }) => !isFolder || recordExtensions.includes(extensionOf(path)));
    if (records.length === 0) {
      const message = `${given} has no file of records: JSON, JSON lines, CSV, TSV or Parquet`;
      throw new RagInstructError("file-missing", message);
    }
    paths.push(...records.map(({ path }) => path));
  }
  return [...new Set(paths)];
}

/** How a folder is gone through. */
interface WalkOptions {
  leftOut: LeftOut[];
  gitignore: boolean;
}

async function filesBehind(given: string, options: WalkOptions): Promise<InputFile[]> {
  if (given === "-") return [{ path: "-", source: "standard input", named: true }];
  const found = await stat(given).catch(() => undefined);
  if (found?.isDirectory()) return walk(given, options);
  if (found) return [{ path: given, source: basename(given), named: true }];
  const { base, glob, isGlob } = picomatch.scan(given.split(sep).join("/"));
  const folder = base === "" ? "." : base;
  const baseFound = isGlob && (await stat(folder).catch(() => undefined));
  if (!baseFound) throw new RagInstructError("file-missing", `${given} is not there`);
  const matches = picomatch(glob);
  // A folder that matches stands for its files, as it does where a shell expands the glob.
  const files = (await walk(folder, { ...options, leftOut: [] })).filter(({ source }) =>
    pathsTo(source).some((path) => matches(path)),
  );
  if (files.length === 0) throw new RagInstructError("file-missing", `no file matches ${given}`);
  return files;
}

/** A path with `/` and the folders that it is in, the outermost first. */
function pathsTo(source: string): string[] {
  const parts = source.split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

async function walk(folder: string, { leftOut, gitignore }: WalkOptions): Promise<InputFile[]> {
  const snapshot = await snapshotIn(folder, await readdir(folder, { withFileTypes: true }));
  const given = snapshot === undefined ? folder : join(folder, snapshot);
  const root = await realpath(given);
  const files: InputFile[] = [];
  async function visit(within: string, bounds: string, ignored: GitIgnore | undefined): Promise<void> {
    const folder = join(root, within);
    const entries = await readdir(folder, { withFileTypes: true });
    const snapshot = await snapshotIn(folder, entries);
    if (snapshot !== undefined) return visit(join(within, snapshot), folder, ignored);
    const rules = ignored && (await ignored.in(folder));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(within, entry.name);
      const reason = await whyLeftOut({ entry, path: join(root, path), bounds, rules });
      if (reason) leaveOut(leftOut, { reason, place: join(given, path) });
      else if (entry.isDirectory()) await visit(path, bounds, rules);
      else files.push({ path: join(given, path), source: path.split(sep).join("/"), named: false });
    }
  }
  await visit("", (await cachedRepository(root)) ?? root, gitignore ? await gitIgnoreAround(root) : undefined);
  return files;
}

// Hugging Face's cache: a folder such as datasets--owner--name with blobs/, refs/ and snapshots/<revision>/, whose files are links
// to blobs (https://huggingface.co/docs/huggingface_hub/guides/manage-cache).
const repositoryParts: ReadonlySet<string> = new Set(["blobs", "refs", "snapshots"]);

/** Of a repository in the cache of Hugging Face the snapshot of its main branch, else its only one; undefined of any other folder. */
async function snapshotIn(folder: string, entries: readonly Dirent[]): Promise<string | undefined> {
  const shown = entries.map(({ name }) => name).filter((name) => !name.startsWith("."));
  if (!shown.includes("snapshots") || !shown.includes("blobs")) return undefined;
  if (!shown.every((name) => repositoryParts.has(name))) return undefined;
  const snapshots = await readdir(join(folder, "snapshots"));
  const main = await readFile(join(folder, "refs/main"), "utf8").catch(() => "");
  const [only, ...others] = snapshots;
  if (snapshots.includes(main.trim())) return join("snapshots", main.trim());
  return only !== undefined && others.length === 0 ? join("snapshots", only) : undefined;
}

/** The repository in the cache of Hugging Face of which a folder is a snapshot, or within one. */
async function cachedRepository(folder: string): Promise<string | undefined> {
  const parts = folder.split(sep);
  for (let at = parts.lastIndexOf("snapshots"); at > 0; at = parts.lastIndexOf("snapshots", at - 1)) {
    const repository = parts.slice(0, at).join(sep);
    const blobs = await stat(join(repository, "blobs")).catch(() => undefined);
    if (blobs?.isDirectory()) return repository;
  }
  return undefined;
}

async function whyLeftOut({
  entry,
  path,
  bounds,
  rules,
}: {
  entry: Dirent;
  path: string;
  bounds: string;
  rules: GitIgnore | undefined;
}): Promise<LeftOutReason | undefined> {
  const passedOver = whyPassedOver(entry.name);
  if (passedOver) return passedOver;
  if (rules?.ignores(path, { isFolder: entry.isDirectory() })) return "git-ignored";
  if (entry.isSymbolicLink()) return (await linksToFileInside(bounds, path)) ? undefined : "link-outside";
  return entry.isDirectory() || entry.isFile() ? undefined : "not-a-file";
}

async function linksToFileInside(bounds: string, path: string): Promise<boolean> {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || !isInside(bounds, target)) return false;
  return (await stat(target)).isFile();
}

/** True when a path is inside a folder, both without links in them. */
function isInside(folder: string, path: string): boolean {
  const within = relative(resolve(folder), resolve(path));
  return within !== "" && within !== ".." && !within.startsWith(`..${sep}`) && !resolve(within).startsWith("\\\\");
}

/** Which entries of a folder git ignores: the rules of a folder go before those of the folders that it is in. */
interface GitIgnore {
  ignores(path: string, options: { isFolder: boolean }): boolean;
  /** With the rules of a folder inside. */
  in(folder: string): Promise<GitIgnore>;
}

/** Rules, and the folder that they are about. */
interface Rules {
  folder: string;
  rules: Ignore;
}

/**
 * The rules of the git repository that a folder is in; none where it is in none, or where they leave out the folder itself, which was
 * asked for.
 */
async function gitIgnoreAround(folder: string): Promise<GitIgnore> {
  const outer: Rules[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) outer.unshift(...(await rulesOf(at, ".gitignore")));
    if (await isThere(join(at, ".git"))) {
      outer.unshift(...(await rulesOf(at, join(".git", "info", "exclude"))));
      break;
    }
    if (dirname(at) === at) return gitIgnore([]);
  }
  const around = gitIgnore(outer);
  return around.ignores(folder, { isFolder: true }) ? gitIgnore([]) : around;
}

/** @param all the outermost first */
function gitIgnore(all: readonly Rules[]): GitIgnore {
  return {
    ignores(path, { isFolder }) {
      for (const { folder, rules } of all.toReversed()) {
        const within = relative(folder, path).split(sep).join("/");
        if (within === "") continue;
        const { ignored, unignored } = rules.test(isFolder ? `${within}/` : within);
        if (ignored || unignored) return ignored;
      }
      return false;
    },
    in: async (folder) => gitIgnore([...all, ...(await rulesOf(folder, ".gitignore"))]),
  };
}

async function rulesOf(folder: string, file: string): Promise<Rules[]> {
  const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
  return text === undefined ? [] : [{ folder, rules: ignore().add(text) }];
}

// Readers that are optional peers, by the endings of the files that need them.
const peers = [
  { extensions: ["pdf"], peer: "pdfjs-dist", module: "pdfjs-dist/legacy/build/pdf.mjs" },
  { extensions: ["docx", "docm"], peer: "mammoth" },
  { extensions: ["pptx", "xlsx", "odt", "odp", "ods", "rtf"], peer: "officeparser" },
  { extensions: ["eml", "mbox", "mht", "mhtml"], peer: "postal-mime" },
];
const packings = [
  { extension: ".bz2", peer: "unbzip2-stream" },
  { extension: ".xz", peer: "xz-decompress" },
];

/** Whether there are files behind paths, folders and globs, and the packages that their formats need. No file is read. */
export async function checkDocuments(from: readonly string[], options: ListOptions = {}): Promise<CheckOutcome[]> {
  const files: InputFile[] = [];
  const missing: string[] = [];
  for (const path of from) {
    try {
      files.push(...(await listInputFiles(path, options)));
    } catch (error) {
      if (!RagInstructError.is(error, "file-missing")) throw error;
      missing.push(path);
    }
  }
  if (missing.length > 0) {
    const found = `nothing at ${missing.join(", ")}`;
    return [checkOutcome.failed("documents", found, "mend corpus.from in the config, or name the documents")];
  }
  const checks = [checkOutcome.ok("documents", amount(files.length, "file"))];
  for (const { extensions, peer, module } of peers) {
    const found = extensions.filter((extension) => files.some(({ path }) => extensionOf(path) === extension));
    if (found.length > 0) checks.push(await checkPeer(peer, found.join(", "), module));
  }
  for (const { extension, peer } of packings) {
    if (files.some(({ path }) => path.toLowerCase().endsWith(extension)))
      checks.push(await checkPeer(peer, extension.slice(1)));
  }
  return checks;
}

async function checkPeer(name: string, kinds: string, module = name): Promise<CheckOutcome> {
  const why = `${kinds.toUpperCase()} files are among the documents`;
  try {
    await import(module);
    return checkOutcome.ok(name, `installed; ${why}`);
  } catch {
    return checkOutcome.failed(name, `not installed; ${why}`, `npm install ${name}`);
  }
}
