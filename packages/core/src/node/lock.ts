import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { RagInstructError } from "../errors.ts";
import { hashText } from "../hash.ts";
import type { Closable } from "../plug-points.ts";

interface Holder {
  pid: number;
  host: string;
  since: string;
  start?: string;
}

/**
 * Takes a folder for this process alone until `close()`, by a file `.lock` in it. The lock of a process that has died on
 * this machine is taken over. Throws `folder-locked` and names the process that holds it.
 */
export function lockFolder(folder: string): Promise<Closable> {
  return lockPath(folder, join(folder, ".lock"));
}

/** Takes a file for this process alone, like {@link lockFolder}, by a file `<path>.lock` beside it. */
export function lockFile(path: string): Promise<Closable> {
  return lockPath(path, `${path}.lock`);
}

/** Removes from a folder, which the caller has locked, the temporary files that killed processes had begun to write. */
export async function removeTorn(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (/\.[0-9a-f]{12}\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
  }
}

async function lockPath(what: string, path: string): Promise<Closable> {
  const mine: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), ...startOf("self") };
  const content = JSON.stringify(mine);
  for (let attempt = 0; !(await claim(what, path, content)); attempt++) {
    const other = await readHolder(path);
    if (attempt > 3 || (other?.holder && isProcessAlive(other.holder))) throw locked(what, path, other?.holder);
    if (other) await takeAway(what, path, other.content);
  }
  await clearLeftovers(path);
  const lock: Closable = {
    // Only what is still ours.
    close: async () => {
      if ((await readHolder(path))?.content === content) await rm(path, { force: true });
    },
    [Symbol.asyncDispose]: () => lock.close(),
  };
  return lock;
}

/** Puts the file there whole or not at all, so that nobody reads a lock without its holder. */
async function claim(what: string, path: string, content: string): Promise<boolean> {
  const draft = draftOf(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, content, { flag: "wx" });
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      // A file system without hard links.
      if (error.code === "EEXIST") throw error;
      return writeFile(path, content, { flag: "wx" });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new RagInstructError("file-unwritable", `cannot lock ${what}: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Takes a dead process's lock away. Two processes that do so at once might take away each other's new lock, so the right to do it is a
 * lock too, named after the content of the dead one, which no other lock has.
 */
async function takeAway(what: string, path: string, dead: string): Promise<void> {
  const right = await lockPath(what, `${path}.${hashText(dead).slice(0, 12)}`);
  try {
    if ((await readHolder(path))?.content === dead) await rm(path, { force: true });
  } finally {
    await right.close();
  }
}

/** A name beside a lock that says whose it is, because a process may be killed before it has written a word. */
function draftOf(path: string): string {
  return `${path}.${thisHost()}-${process.pid}-${randomBytes(6).toString("hex")}`;
}

const draftName = /^\.(?:([0-9a-f]{8})-(\d+)-)?[0-9a-f]{12}$/;
/** Milliseconds after which a draft without content is abandoned: writing one takes a few. */
const maxDraftAge = 60_000;

function thisHost(): string {
  return hashText(hostname()).slice(0, 8);
}

/** Removes the drafts of processes that died while they took this lock. */
async function clearLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const named = name.startsWith(prefix) ? draftName.exec(name.slice(prefix.length - 1)) : null;
    if (!named) continue;
    const draft = join(dirname(path), name);
    const found = await readHolder(draft);
    const isLeft = found?.holder ? !isProcessAlive(found.holder) : await isAbandoned(draft, named[1], Number(named[2]));
    if (isLeft) await rm(draft, { force: true });
  }
}

/** Whether nobody will ever write into a draft that has no content. */
async function isAbandoned(draft: string, host: string | undefined, pid: number): Promise<boolean> {
  if (host === thisHost() && !isProcessAlive({ pid, host: hostname() })) return true;
  const { mtimeMs } = await stat(draft).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > maxDraftAge;
}

/** The content of a lock, and its holder where that can be read; undefined where there is no lock. */
async function readHolder(path: string): Promise<{ content: string; holder?: Holder } | undefined> {
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content === undefined) return undefined;
  try {
    return { content, holder: JSON.parse(content) as Holder };
  } catch {
    return { content };
  }
}

/** Whether a process may still be there; of another machine nothing can be known, and the answer is yes. */
export function isProcessAlive({ pid, host, start }: { pid: number; host: string; start?: string }): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // Process ids are reused, above all in containers.
  const now = startOf(pid).start;
  return start === undefined || now === undefined || start === now;
}

/** When a process was started, in ticks since the system was; known on Linux alone. */
function startOf(pid: number | "self"): { start?: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything; 20 fields behind it stands the start (proc(5)).
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return start === undefined ? {} : { start };
  } catch {
    return {};
  }
}

function locked(what: string, path: string, other: Holder | undefined): RagInstructError {
  const who = other ? `process ${other.pid} on ${other.host} since ${other.since}` : "another process";
  return new RagInstructError(
    "folder-locked",
    `${what} is in use by ${who}; wait for it, or remove ${path} if that process is gone`,
  );
}
