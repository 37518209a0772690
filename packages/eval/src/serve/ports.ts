import { readdir, readFile, readlink } from "node:fs/promises";
import { connect, createServer } from "node:net";

/** A port that nothing listens on at this moment. */
export async function findFreePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}

/** Whether something takes connections on a port. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

const listening = "0A";

/**
 * Whether the processes hold the socket that listens on a port. Undefined where that cannot be known: on other systems than
 * Linux, or when the holder belongs to another user.
 */
export async function holdsPort(pids: Iterable<number>, port: number): Promise<boolean | undefined> {
  const sockets = await listeningSockets(port);
  if (sockets.size === 0) return undefined;
  const ours = new Set(pids);
  let isForeign = false;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || !(await holdsAny(name, sockets))) continue;
    if (ours.has(Number(name))) return true;
    isForeign = true;
  }
  return isForeign ? false : undefined;
}

async function listeningSockets(port: number): Promise<Set<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const sockets = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const rows = (await readFile(table, "utf8").catch(() => "")).split("\n").slice(1);
    for (const row of rows) {
      const fields = row.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hex}`) && fields[3] === listening) sockets.add(`socket:[${fields[9]}]`);
    }
  }
  return sockets;
}

async function holdsAny(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
    if (sockets.has(target)) return true;
  }
  return false;
}
