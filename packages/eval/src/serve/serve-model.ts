import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { threadFile } from "@rag-instruct/core/node";
import { markName, stopTree, type Tree } from "./process-tree.ts";
import { lastLines, waitUntilReady } from "./wait-until-ready.ts";

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
