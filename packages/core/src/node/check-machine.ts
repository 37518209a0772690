import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { type CheckOutcome, checkOutcome } from "../check-outcome.ts";
import { isThere } from "./files.ts";

const gigabyte = 2 ** 30;
const minMemory = gigabyte;
const minDisk = gigabyte;
const comfortableDisk = 5 * gigabyte;

/** Node, memory, and the disk that the run folder is on. */
export async function checkMachine(to: string): Promise<CheckOutcome[]> {
  return [checkNode(), checkMemory(), await checkDisk(to)];
}

function checkNode(): CheckOutcome {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = `Node ${process.versions.node}, ${availableParallelism()} cores`;
  const isOld = major < 22 || (major === 22 && minor < 18);
  return isOld
    ? checkOutcome.failed("node", found, "install Node 22.18 or newer, from https://nodejs.org")
    : checkOutcome.ok("node", found);
}

function checkMemory(): CheckOutcome {
  const free = process.availableMemory();
  const found = `${gigabytes(free)} free for this process`;
  if (free >= minMemory) return checkOutcome.ok("memory", found);
  return checkOutcome.warning(
    "memory",
    found,
    "close other programs: an embedding model takes about 1 GB, a corpus of millions as much",
  );
}

async function checkDisk(to: string): Promise<CheckOutcome> {
  let folder = resolve(to);
  while (!(await isThere(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${gigabytes(free)} free where ${to} is`;
  const mend = "make room, or name a folder on another disk with --to";
  if (free < minDisk) return checkOutcome.failed("disk", found, mend);
  return free < comfortableDisk ? checkOutcome.warning("disk", found, mend) : checkOutcome.ok("disk", found);
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}
