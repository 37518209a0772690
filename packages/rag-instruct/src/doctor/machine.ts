import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, extname, resolve } from "node:path";
import { isThere } from "@rag-instruct/core/node";
import type { ResolvedConfig } from "../config/schema.ts";
import { inputFiles } from "../run/files.ts";
import { type Check, failed, ok, warning } from "./check.ts";

const gigabyte = 2 ** 30;
const minMemory = gigabyte;
const minDisk = gigabyte;
const comfortableDisk = 5 * gigabyte;

/** Node, memory, and the disk that the run folder is on. */
export async function checkMachine(to: string): Promise<Check[]> {
  return [checkNode(), checkMemory(), await checkDisk(to)];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = `Node ${process.versions.node}, ${availableParallelism()} cores`;
  const isOld = major < 22 || (major === 22 && minor < 18);
  return isOld ? failed("node", found, "install Node 22.18 or newer, from https://nodejs.org") : ok("node", found);
}

function checkMemory(): Check {
  const free = process.availableMemory();
  const found = `${gigabytes(free)} free for this process`;
  if (free >= minMemory) return ok("memory", found);
  return warning(
    "memory",
    found,
    "close other programs: an embedding model takes about 1 GB, a corpus of millions as much",
  );
}

async function checkDisk(to: string): Promise<Check> {
  let folder = resolve(to);
  while (!(await isThere(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${gigabytes(free)} free where ${to} is`;
  const mend = "make room, or name a folder on another disk with --to";
  if (free < minDisk) return failed("disk", found, mend);
  return free < comfortableDisk ? warning("disk", found, mend) : ok("disk", found);
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** The documents, the exemplars, and the packages that their formats need. */
export async function checkInputs({ corpus, exemplars }: ResolvedConfig): Promise<Check[]> {
  const lists = await Promise.all(corpus.from.map(async (path) => ({ path, files: await inputFiles(path) })));
  const missing = lists.filter(({ files }) => files.length === 0).map(({ path }) => path);
  const files = lists.flatMap(({ files }) => files);
  const checks =
    missing.length > 0
      ? [
          failed(
            "documents",
            `nothing at ${missing.join(", ")}`,
            "mend corpus.from in the config, or name the documents",
          ),
        ]
      : [ok("documents", `${files.length} files`), ...(await checkReaders(files))];
  if (exemplars === undefined) {
    const mend = "give instructions of your users' kind with --exemplars: an Alpaca, ShareGPT or plain question file";
    checks.push(warning("exemplars", "the few that come with the package", mend));
  } else if (typeof exemplars !== "string") checks.push(ok("exemplars", `${exemplars.length} in the config`));
  else if (await isThere(exemplars)) checks.push(ok("exemplars", exemplars));
  else checks.push(failed("exemplars", `nothing at ${exemplars}`, "mend the path of the exemplars"));
  return checks;
}

async function checkReaders(files: readonly string[]): Promise<Check[]> {
  const has = (extension: string) => files.some((file) => extname(file).toLowerCase() === extension);
  const checks: Check[] = [];
  if (has(".pdf")) checks.push(await checkPeer("unpdf", "PDF files are among the documents"));
  if (has(".docx")) checks.push(await checkPeer("mammoth", "DOCX files are among the documents"));
  return checks;
}

async function checkPeer(name: string, why: string): Promise<Check> {
  try {
    await import(name);
    return ok(name, `installed; ${why}`);
  } catch {
    return failed(name, `not installed; ${why}`, `npm install ${name}`);
  }
}
