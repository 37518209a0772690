import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { type LeftOut, RagInstructError } from "@rag-instruct/core";
import picomatch from "picomatch";
import { type LeftOutReason, leaveOut } from "./left-out.ts";

/** A file to be read. */
export interface InputFile {
  /** The path as the user gave it, or joined to the folder that the user gave. */
  path: string;
  /** Path within the folder that was given, with `/`; the file's name where it was given itself. */
  source: string;
  /** True where the file was given by its own path: then it must be readable. */
  named: boolean;
}

/**
 * The files behind paths, folders, globs and `-` (standard input), each list in the order of its names. Hidden entries and
 * `node_modules` inside a folder are left out. Links are not followed out of the folder that was given.
 * Throws `file-missing`.
 * @param leftOut gets the entries of folders that are left out; those of a glob are not asked for
 */
export async function listInputFiles(from: string | readonly string[], leftOut: LeftOut[] = []): Promise<InputFile[]> {
  const files: InputFile[] = [];
  const seen = new Set<string>();
  for (const given of typeof from === "string" ? [from] : from) {
    for (const file of await filesBehind(given, leftOut)) {
      const key = file.path === "-" ? "-" : await realpath(file.path);
      if (!seen.has(key)) files.push(file);
      seen.add(key);
    }
  }
  return files;
}

async function filesBehind(given: string, leftOut: LeftOut[]): Promise<InputFile[]> {
  if (given === "-") return [{ path: "-", source: "standard input", named: true }];
  const found = await stat(given).catch(() => undefined);
  if (found?.isDirectory()) return walk(given, leftOut);
  if (found) return [{ path: given, source: basename(given), named: true }];
  const { base, glob, isGlob } = picomatch.scan(given.split(sep).join("/"));
  const folder = base === "" ? "." : base;
  const baseFound = isGlob && (await stat(folder).catch(() => undefined));
  if (!baseFound) throw new RagInstructError("file-missing", `${given} is not there`);
  const matches = picomatch(glob);
  const files = (await walk(folder, [])).filter(({ source }) => matches(source));
  if (files.length === 0) throw new RagInstructError("file-missing", `no file matches ${given}`);
  return files;
}

async function walk(folder: string, leftOut: LeftOut[]): Promise<InputFile[]> {
  const root = await realpath(folder);
  const files: InputFile[] = [];
  async function visit(within: string): Promise<void> {
    const entries = await readdir(join(root, within), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(within, entry.name);
      const reason = await whyLeftOut(root, { entry, path });
      if (reason) leaveOut(leftOut, { reason, place: join(folder, path) });
      else if (entry.isDirectory()) await visit(path);
      else files.push({ path: join(folder, path), source: path.split(sep).join("/"), named: false });
    }
  }
  await visit("");
  return files;
}

async function whyLeftOut(
  root: string,
  { entry, path }: { entry: Dirent; path: string },
): Promise<LeftOutReason | undefined> {
  if (entry.name.startsWith(".") || entry.name === "node_modules") return "hidden";
  if (entry.isSymbolicLink()) return (await linksToFileInside(root, path)) ? undefined : "link-outside";
  return entry.isDirectory() || entry.isFile() ? undefined : "not-a-file";
}

async function linksToFileInside(root: string, path: string): Promise<boolean> {
  const target = await realpath(join(root, path)).catch(() => undefined);
  if (target === undefined || !isInside(root, target)) return false;
  return (await stat(target)).isFile();
}

/** True when a path is inside a folder, both without links in them. */
function isInside(folder: string, path: string): boolean {
  const within = relative(resolve(folder), resolve(path));
  return within !== "" && within !== ".." && !within.startsWith(`..${sep}`) && !resolve(within).startsWith("\\\\");
}
