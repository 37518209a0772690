import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isListening, serveModel } from "./serve-model.ts";

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "serve-model-"));
  log = join(folder, "logs", "server.log");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const program = (name: string) => fileURLToPath(new URL(`../../test/${name}`, import.meta.url));

/** The command of test/model-server.ts, and the ids of all its processes. */
function serverCommand(...flags: string[]): { command: string; pids(): Promise<number[]> } {
  const pidFile = join(folder, "pids");
  const words = [process.execPath, "--no-warnings", program("model-server.ts"), pidFile, ...flags];
  return {
    command: words.map((word) => JSON.stringify(word)).join(" "),
    pids: async () => (await readFile(pidFile, "utf8")).trim().split("\n").map(Number),
  };
}

async function aliveOf(pids: readonly number[]): Promise<number[]> {
  const alive = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      return stat !== "" && !/^\S+ \(.*\) Z/s.test(stat);
    }),
  );
  return pids.filter((_, i) => alive[i]);
}

async function untilGone(pids: readonly number[], { within = 8000 } = {}): Promise<number[]> {
  for (const until = Date.now() + within; Date.now() < until; await sleep(50)) {
    if ((await aliveOf(pids)).length === 0) return [];
  }
  return aliveOf(pids);
}

describe.skipIf(process.platform !== "linux")("serveModel (its tests look into /proc, so on Linux)", () => {
  it("waits until the server answers, writes its log and ends it", async () => {
    const { command, pids } = serverCommand();
    const server = await serveModel({ command, log, model: "tiny" });
    expect((await fetch(`${server.baseURL}/models`)).status).toBe(200);
    expect(await readFile(log, "utf8")).toContain(`starting on ${server.port}`);
    await server.close();
    await server.close();
    expect(await isListening("127.0.0.1", server.port)).toBe(false);
    expect(await aliveOf(await pids())).toEqual([]);
    expect(server.signal.aborted).toBe(false);
  });

  it("ends children that ignore SIGTERM, that have left the group, and whose parent is gone", async () => {
    const { command, pids } = serverCommand("stubborn");
    const server = await serveModel({ command, log, grace: 300 });
    const all = await pids();
    expect(await aliveOf(all)).toHaveLength(4);
    await server.close();
    expect(await aliveOf(all)).toEqual([]);
    expect(await readFile(log, "utf8")).toContain("not now");
  });

  it("says why a server ended before it was ready, with its last words, and leaves nothing behind", async () => {
    const { command, pids } = serverCommand("stubborn", "exit");
    const failed = serveModel({ command, log, grace: 200 });
    await expect(failed).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringMatching(/code 3.*out of memory/),
    });
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it("gives up after the time allowed", async () => {
    const { command, pids } = serverCommand("wait");
    const failed = serveModel({ command, log, timeout: 2000, grace: 200 });
    await expect(failed).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringContaining("within 2 s"),
    });
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it("ends the server when it is aborted while it starts, and rethrows the reason", async () => {
    const { command, pids } = serverCommand("wait");
    const controller = new AbortController();
    const reason = new Error("enough");
    const serving = serveModel({ command, log, grace: 200, signal: controller.signal });
    serving.catch(() => {});
    for (let started = false; !started; await sleep(20))
      started = await pids().then(
        () => true,
        () => false,
      );
    controller.abort(reason);
    await expect(serving).rejects.toBe(reason);
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it("tells those who depend on it when the server dies", async () => {
    const { command, pids } = serverCommand();
    await using server = await serveModel({ command, log });
    const died = once(server.signal, "abort");
    for (const pid of await pids()) process.kill(pid, "SIGKILL");
    await died;
    expect(server.signal.reason).toMatchObject({ code: "server-failed" });
  });

  it("notices a server on its port that it did not start", async () => {
    const foreign = createServer((_, response) => response.end(JSON.stringify({ data: [{ id: "other" }] })));
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    const { port } = foreign.address() as AddressInfo;
    try {
      const { command } = serverCommand();
      await expect(serveModel({ command, log, port })).rejects.toMatchObject({ code: "server-failed" });
      foreign.close();
      foreign.closeAllConnections();
      const idle = "node -e 'setTimeout(() => {}, 60000)' -- {port}";
      const late = serveModel({ command: idle, log, port, grace: 200 });
      await sleep(150);
      foreign.listen(port, "127.0.0.1");
      await expect(late).rejects.toMatchObject({
        code: "server-failed",
        message: expect.stringContaining("did not start"),
      });
    } finally {
      foreign.close();
      foreign.closeAllConnections();
    }
  });

  it("notices a server of another name", async () => {
    const { command, pids } = serverCommand();
    await expect(serveModel({ command, log, model: "large" })).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringContaining("serves tiny, not large"),
    });
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "ends the server when this process is ended by %s",
    async (signal) => {
      const { command, pids } = serverCommand("stubborn");
      const host = hostProcess(command, "stay");
      await host.says("up");
      const all = await pids();
      host.child.kill(signal);
      expect(await untilGone(all)).toEqual([]);
    },
  );

  it("ends the server when this process crashes or just ends", async () => {
    const { command, pids } = serverCommand("stubborn");
    const crash = hostProcess(command, "crash");
    await once(crash.child, "exit");
    expect(await untilGone(await pids())).toEqual([]);
    const end = hostProcess(command, "end");
    await once(end.child, "exit");
    expect(await untilGone(await pids())).toEqual([]);
  });
});

function hostProcess(command: string, then: "stay" | "crash" | "end") {
  const words = [program("serving-host.ts"), command, log, then];
  const child = spawn(process.execPath, ["--conditions=@rag-instruct/source", "--no-warnings", ...words], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    output += chunk;
  });
  return {
    child,
    async says(word: string) {
      for (const until = Date.now() + 15_000; !output.includes(word); await sleep(20)) {
        if (Date.now() > until) throw new Error(`the host never said ${word}`);
      }
    },
  };
}
