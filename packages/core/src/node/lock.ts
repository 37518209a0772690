import { mkdir, open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { RagInstructError } from "../errors.ts";
import type { Closable } from "../plug-points.ts";

interface Holder {
  pid: number;
  host: string;
  since: string;
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

async function lockPath(what: string, path: string): Promise<Closable> {
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  for (let attempt = 0; !(await claim(what, path, holder)); attempt++) {
    const other = await readHolder(path);
    if (attempt > 3 || (other && isProcessAlive(other))) throw locked(what, path, other);
    await rm(path, { force: true });
  }
  const lock: Closable = {
    close: () => rm(path, { force: true }),
    [Symbol.asyncDispose]: () => lock.close(),
  };
  return lock;
}

async function claim(what: string, path: string, holder: Holder): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, "wx");
    await handle.writeFile(JSON.stringify(holder));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new RagInstructError("file-unwritable", `cannot lock ${what}: ${(error as Error).message}`, { cause: error });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Whether a process may still be there; of another machine nothing can be known, and the answer is yes. */
export function isProcessAlive({ pid, host }: { pid: number; host: string }): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function locked(what: string, path: string, other: Holder | undefined): RagInstructError {
  const who = other ? `process ${other.pid} on ${other.host} since ${other.since}` : "another process";
  return new RagInstructError(
    "folder-locked",
    `${what} is in use by ${who}; wait for it, or remove ${path} if that process is gone`,
  );
}
