import { open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { RagInstructError } from "../errors.ts";
import type { Closable } from "../plug-points.ts";

interface Holder {
  pid: number;
  host: string;
  since: string;
}

/**
 * Takes a folder for this process alone, by a file `.lock` in it, until `close()`. The lock of a process that has died
 * on this machine is taken over. Throws `folder-locked` and names the process that holds it.
 */
export async function lockFolder(folder: string): Promise<Closable> {
  const path = join(folder, ".lock");
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(path, "wx");
      await handle.writeFile(JSON.stringify(holder));
      await handle.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw new RagInstructError("file-unwritable", `cannot lock ${folder}: ${(error as Error).message}`, {
          cause: error,
        });
      }
      const other = await readHolder(path);
      if (attempt > 3 || (other && isAlive(other))) throw locked(folder, other);
      await rm(path, { force: true });
    }
  }
  const lock: Closable = {
    close: () => rm(path, { force: true }),
    [Symbol.asyncDispose]: () => lock.close(),
  };
  return lock;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function locked(folder: string, other: Holder | undefined): RagInstructError {
  const who = other ? `process ${other.pid} on ${other.host} since ${other.since}` : "another process";
  return new RagInstructError(
    "folder-locked",
    `${folder} is in use by ${who}; wait for it, or remove ${join(folder, ".lock")} if that process is gone`,
  );
}
