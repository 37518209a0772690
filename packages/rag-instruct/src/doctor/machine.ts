import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { type Check, check } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { checkDocuments, listRecordFiles } from "@rag-instruct/corpus";
import { exemplarPaths, type ResolvedConfig } from "../config/schema.ts";

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
  return isOld
    ? check.failed("node", found, "install Node 22.18 or newer, from https://nodejs.org")
    : check.ok("node", found);
}

function checkMemory(): Check {
  const free = process.availableMemory();
  const found = `${gigabytes(free)} free for this process`;
  if (free >= minMemory) return check.ok("memory", found);
  return check.warning(
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
  if (free < minDisk) return check.failed("disk", found, mend);
  return free < comfortableDisk ? check.warning("disk", found, mend) : check.ok("disk", found);
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** The documents, the packages that their formats need, and the exemplars. */
export async function checkInputs({ corpus, exemplars }: ResolvedConfig): Promise<Check[]> {
  return [...(await checkDocuments(corpus.from)), await checkExemplars(exemplars)];
}

async function checkExemplars(exemplars: ResolvedConfig["exemplars"]): Promise<Check> {
  if (exemplars === undefined) {
    const mend = "give instructions of your users' kind with --exemplars: an Alpaca, ShareGPT or plain question file";
    return check.warning("exemplars", "the few that come with the package", mend);
  }
  const paths = exemplarPaths(exemplars);
  if (!paths) return check.ok("exemplars", `${exemplars.length} in the config`);
  try {
    await listRecordFiles(paths);
    return check.ok("exemplars", paths.join(", "));
  } catch (error) {
    return check.failed("exemplars", (error as Error).message, "mend the path of the exemplars");
  }
}
