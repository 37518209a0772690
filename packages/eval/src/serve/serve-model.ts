import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, readdir, readFile, readlink } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { threadFile } from "@rag-instruct/core/node";
import { markName, stopTree, type Tree, treeOf } from "./process-tree.ts";

/** Options of {@link serveModel}. */
export interface ServeModelOptions {
  /**
   * What starts the server, run by the shell. `{port}` and `{host}` are filled in; a command that names no port at all gets
   * `--port` and the chosen port at its end, as SGLang, vLLM and llama.cpp take it.
   */
  command: string;
  /** File that takes the server's output; appended to. */
  log: string;
  /** @default "127.0.0.1" */
  host?: string;
  /** @default one that is free */
  port?: number;
  /** Path that answers 200 once the server is ready. @default "/v1/models" */
  ready?: string;
  /** Milliseconds until it must be ready. @default 600000, for models of tens of gigabytes */
  timeout?: number;
  /** Milliseconds between asking the processes to end and killing them. @default 10000 */
  grace?: number;
  /** Name that `/v1/models` must list; another name means that another server answers. */
  model?: string;
  /** Added to this process's environment. */
  env?: Readonly<Record<string, string>>;
  /** Working folder of the server. */
  cwd?: string;
  signal?: AbortSignal;
}

/** A model server that runs until it is closed or this process ends. */
export interface ModelServer extends Closable {
  /** For OpenAI-compatible clients, up to and with `/v1`. */
  baseURL: string;
  port: number;
  pid: number;
  /** Aborts with `server-failed` when the server ends by itself: pass it to what depends on the server. */
  signal: AbortSignal;
}

/**
 * Starts a model server and waits until it answers. Its processes, those that left its group included (on Linux), end with
 * `close()`, when it fails to start, when `signal` aborts while it starts, and when this process ends in any way: a guard
 * process sees to that, so no signal handler is installed here. Throws `server-failed` with the last lines of the log when
 * it ends, does not answer in time, or another server answers on its port.
 */
export async function serveModel(options: ServeModelOptions): Promise<ModelServer> {
  const { host = "127.0.0.1", grace = 10_000, signal } = options;
  signal?.throwIfAborted();
  const port = options.port ?? (await findFreePort(host));
  if (await isListening(host, port)) {
    throw new RagInstructError(
      "server-failed",
      `another server answers on ${host}:${port}; leave port out to get a free one`,
    );
  }
  const marker = randomUUID();
  const guard = await startGuard({ marker, grace });
  const child = await start(fillIn(options.command, { host, port }), { ...options, marker });
  const tree: Tree = { pid: child.pid!, marker };
  guard.watch(tree.pid);
  const ended = watchEnd(child, options.log);

  let closing: Promise<void> | undefined;
  async function stop(): Promise<void> {
    ended.expect();
    const left = await stopTree(tree, { grace });
    await guard.dismiss();
    if (left.length > 0)
      throw new RagInstructError("server-failed", `processes ${left.join(", ")} of the server could not be ended`);
  }
  const close = () => (closing ??= stop());

  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  try {
    await waitUntilReady({ ...options, origin, port, tree, ended: ended.signal });
  } catch (error) {
    await close();
    throw error;
  }
  return { baseURL: `${origin}/v1`, port, pid: tree.pid, signal: ended.signal, close, [Symbol.asyncDispose]: close };
}

function fillIn(command: string, { host, port }: { host: string; port: number }): string {
  if (command.trim() === "") throw new RagInstructError("bad-option", "the command that starts the server is empty");
  const filled = command.replaceAll("{port}", String(port)).replaceAll("{host}", host);
  const namesPort = command.includes("{port}") || /(?:^|\s)(?:--port|-p)[=\s]/.test(command);
  return namesPort ? filled : `${filled} --port ${port}`;
}

async function start(
  command: string,
  { log, env, cwd, marker }: ServeModelOptions & { marker: string },
): Promise<ChildProcess> {
  await mkdir(dirname(log), { recursive: true });
  const output = await open(log, "a");
  try {
    const child = spawn(command, {
      shell: true,
      // Its own group, so that the terminal's Ctrl-C reaches it through the guard alone, in order.
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
      env: { ...process.env, ...env, [markName]: marker },
      cwd,
    });
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) =>
        reject(new RagInstructError("server-failed", `cannot start "${command}": ${cause.message}`, { cause })),
      );
    });
    child.unref();
    return child;
  } finally {
    await output.close();
  }
}

/** A port that nothing listens on at this moment. */
async function findFreePort(host: string): Promise<number> {
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

/** A signal that aborts when the server ends without having been asked to. */
function watchEnd(child: ChildProcess, log: string): { signal: AbortSignal; expect(): void } {
  const controller = new AbortController();
  let isExpected = false;
  child.once("exit", async (code, signal) => {
    if (isExpected) return;
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    const words = await lastLines(log);
    if (!isExpected)
      controller.abort(new RagInstructError("server-failed", `the server ${how}; the end of ${log}: ${words}`));
  });
  return {
    signal: controller.signal,
    expect() {
      isExpected = true;
    },
  };
}

/** The process that ends the server when this one is gone. */
interface Guard {
  /** Tells it which process to watch over. */
  watch(pid: number): void;
  /** Tells it that nothing is left to do, and waits for its end. */
  dismiss(): Promise<void>;
}

/** Starts a guard; it is running when this resolves, before there is a server to guard. */
async function startGuard({ marker, grace }: { marker: string; grace: number }): Promise<Guard> {
  const script = fileURLToPath(threadFile(import.meta.url, "guard"));
  const child = spawn(process.execPath, ["--no-warnings", script, marker, String(grace)], {
    // Its own group and no shared pipes but stdin, so that it outlives whatever ends this process.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(child, "spawn");
  child.unref();
  // A guard that was killed from outside must not take this process with it by a broken pipe.
  child.stdin.on("error", () => {});
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return {
    watch: (pid) => void child.stdin.write(`pid ${pid}\n`),
    async dismiss() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.ref();
      child.stdin.end("done\n");
      await exited;
    },
  };
}

/** What {@link waitUntilReady} looks at. */
export interface Readiness {
  origin: string;
  port: number;
  tree: Tree;
  log: string;
  ready?: string;
  timeout?: number;
  model?: string;
  /** Aborts when the server ends. */
  ended: AbortSignal;
  signal?: AbortSignal;
}

const firstPause = 50;
const maxPause = 1000;

/** Asks until the server answers 200, and makes sure that it is the one that was started. */
async function waitUntilReady(options: Readiness): Promise<void> {
  const { origin, ready = "/v1/models", timeout = 600_000, log, ended, signal } = options;
  const until = Date.now() + timeout;
  const stop = signal ? AbortSignal.any([ended, signal]) : ended;
  for (let pause = firstPause; ; pause = Math.min(maxPause, pause * 1.5)) {
    stop.throwIfAborted();
    if (await answers(`${origin}${ready}`, { stop, within: Math.max(1, until - Date.now()) })) {
      stop.throwIfAborted();
      return assertOurs(options, stop);
    }
    stop.throwIfAborted();
    if (Date.now() >= until) {
      throw new RagInstructError(
        "server-failed",
        `the server did not answer on ${origin}${ready} within ${timeout / 1000} s; the end of ${log}: ${await lastLines(log)}`,
      );
    }
    await sleep(pause, undefined, { signal: stop }).catch(() => {});
  }
}

async function answers(url: string, { stop, within }: { stop: AbortSignal; within: number }): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stop, AbortSignal.timeout(Math.min(5000, within))]) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function assertOurs({ origin, port, tree, model }: Readiness, stop: AbortSignal): Promise<void> {
  if ((await holdsPort(await treeOf(tree), port)) === false) {
    throw new RagInstructError(
      "server-failed",
      `${origin} is answered by a process that the command did not start; choose another port`,
    );
  }
  if (model === undefined) return;
  const response = await fetch(`${origin}/v1/models`, { signal: stop });
  const body = (await response.json().catch(() => ({}))) as { data?: { id?: unknown }[] };
  const names = (Array.isArray(body.data) ? body.data : []).map(({ id }) => String(id));
  if (!names.includes(model)) {
    throw new RagInstructError(
      "server-failed",
      `${origin} serves ${names.join(", ") || "no model that it names"}, not ${model}; another server may answer there`,
    );
  }
}

/** The end of a log in one line. */
async function lastLines(log: string, { characters = 600 }: { characters?: number } = {}): Promise<string> {
  const handle = await open(log, "r").catch(() => undefined);
  if (!handle) return "(no log)";
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - characters);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    return (
      buffer
        .toString("utf8", 0, bytesRead)
        .trim()
        .split("\n")
        .flatMap((line) => line.trim() || [])
        .join(" | ") || "(empty)"
    );
  } finally {
    await handle.close();
  }
}

/** How /proc/net/tcp writes the state of a socket that listens. */
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
