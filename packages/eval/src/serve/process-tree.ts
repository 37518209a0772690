import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

// Nothing but node: may be imported here, because the guard runs this file in a process of its own.

/** How the processes of one server are known. */
export interface Tree {
  /** Process that was started, the leader of its group. */
  pid: number;
  /** Value of {@link markName} in the environment that every descendant inherits, even one that left the group. */
  marker: string;
}

/** Environment variable that marks a server's processes. */
export const markName = "RAG_INSTRUCT_SERVER";

interface Process {
  pid: number;
  parent: number;
  group: number;
}

/** Ids of the tree's living processes: descendants, members of the group, and on Linux whatever carries the mark. */
export async function treeOf({ pid, marker }: Tree): Promise<Set<number>> {
  const processes = process.platform === "linux" ? await processesOfLinux() : await processesOfPosix();
  const members = new Set(
    processes.filter((entry) => entry.pid === pid || entry.group === pid).map((entry) => entry.pid),
  );
  if (process.platform === "linux") {
    const marked = await Promise.all(processes.map((entry) => isMarked(entry.pid, marker)));
    for (const [i, entry] of processes.entries()) if (marked[i]) members.add(entry.pid);
  }
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const entry of processes) if (members.has(entry.parent)) members.add(entry.pid);
  }
  members.delete(process.pid);
  return members;
}

/**
 * Ends a tree: asks every process with SIGTERM, waits `grace` milliseconds, then kills what is left, until nothing is.
 * @returns ids of processes that could not be ended, as other users' cannot
 */
export async function stopTree(tree: Tree, { grace }: { grace: number }): Promise<number[]> {
  if (process.platform === "win32") return stopOnWindows(tree);
  signalAll(await treeOf(tree), "SIGTERM");
  const patience = Date.now() + grace;
  while (Date.now() < patience) {
    if ((await treeOf(tree)).size === 0) return [];
    await sleep(25);
  }
  // A process that forks meanwhile may slip through one round, not through many.
  for (let round = 0; round < 100; round++) {
    const left = await treeOf(tree);
    if (left.size === 0) return [];
    signalAll(left, "SIGKILL");
    await sleep(25);
  }
  return [...(await treeOf(tree))];
}

function signalAll(pids: Iterable<number>, signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself, or is not ours to end and is named at the end.
    }
  }
}

async function processesOfLinux(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(pids.map(readStat));
  return processes.filter((entry) => entry !== undefined);
}

async function readStat(pid: string): Promise<Process | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name in brackets may hold anything, brackets and spaces too.
  const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === undefined || state === "" || state === "Z" || state === "X") return undefined;
  return { pid: Number(pid), parent: Number(parent), group: Number(group) };
}

async function isMarked(pid: number, marker: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  return environment.split("\0").includes(`${markName}=${marker}`);
}

async function processesOfPosix(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 4 && !fields[3]!.startsWith("Z"))
    .map(([pid, parent, group]) => ({ pid: Number(pid), parent: Number(parent), group: Number(group) }));
}

async function stopOnWindows({ pid }: Tree): Promise<number[]> {
  await promisify(execFile)("taskkill", ["/PID", String(pid), "/T", "/F"]).catch(() => {});
  return [];
}
