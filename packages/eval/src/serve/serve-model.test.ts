import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
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

/** A server in a file of its own: `body` runs before it listens; it writes the pids of all its processes to `pids`. */
async function serverCommand(body = ""): Promise<{ command: string; pids(): Promise<number[]> }> {
  const file = join(folder, "server.mjs");
  const pidFile = join(folder, "pids");
  await writeFile(
    file,
    `import { createServer } from "node:http";
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
const pidFile = ${JSON.stringify(pidFile)};
const note = (pid) => appendFileSync(pidFile, pid + "\\n");
note(process.pid);
const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
console.log("starting on", port);
${body}
createServer((request, response) => {
  response.writeHead(request.url === "/v1/models" ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify({ data: [{ id: "tiny" }] }));
}).listen(port, "127.0.0.1");
`,
  );
  return {
    command: `${JSON.stringify(process.execPath)} ${JSON.stringify(file)}`,
    pids: async () => (await readFile(pidFile, "utf8")).trim().split("\n").map(Number),
  };
}

const stubborn = `
process.on("SIGTERM", () => console.log("not now"));
const idle = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
note(spawn(process.execPath, ["-e", idle], { stdio: "ignore" }).pid);
note(spawn(process.execPath, ["-e", idle], { stdio: "ignore", detached: true }).pid);
const orphan = 'const child = require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(idle) + '], { stdio: "ignore", detached: true }); child.unref(); require("node:fs").appendFileSync(' + JSON.stringify(pidFile) + ', child.pid + require("node:os").EOL);';
await new Promise((resolve) => spawn(process.execPath, ["-e", orphan], { stdio: "ignore", detached: true }).on("exit", resolve));
`;

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
    const { command, pids } = await serverCommand();
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
    const { command, pids } = await serverCommand(stubborn);
    const server = await serveModel({ command, log, grace: 300 });
    const all = await pids();
    expect(await aliveOf(all)).toHaveLength(4);
    await server.close();
    expect(await aliveOf(all)).toEqual([]);
    expect(await readFile(log, "utf8")).toContain("not now");
  });

  it("says why a server ended before it was ready, with its last words, and leaves nothing behind", async () => {
    const { command, pids } = await serverCommand(`${stubborn} console.error("out of memory"); process.exit(3);`);
    const failed = serveModel({ command, log, grace: 200 });
    await expect(failed).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringMatching(/code 3.*out of memory/),
    });
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it("gives up after the time allowed", async () => {
    const { command, pids } = await serverCommand("await new Promise((resolve) => setTimeout(resolve, 60_000));");
    const failed = serveModel({ command, log, timeout: 2000, grace: 200 });
    await expect(failed).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringContaining("within 2 s"),
    });
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it("ends the server when it is aborted while it starts, and rethrows the reason", async () => {
    const { command, pids } = await serverCommand("await new Promise((resolve) => setTimeout(resolve, 60_000));");
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
    const { command, pids } = await serverCommand();
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
      const { command } = await serverCommand();
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
    const { command, pids } = await serverCommand();
    await expect(serveModel({ command, log, model: "large" })).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringContaining("serves tiny, not large"),
    });
    expect(await aliveOf(await pids())).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "ends the server when this process is ended by %s",
    async (signal) => {
      const { command, pids } = await serverCommand(stubborn);
      const host =
        await hostProcess(`const server = await serveModel({ command: ${JSON.stringify(command)}, log: ${JSON.stringify(log)}, grace: 200 });
console.log("up"); setInterval(() => {}, 1000);`);
      await host.says("up");
      const all = await pids();
      host.child.kill(signal);
      expect(await untilGone(all)).toEqual([]);
    },
  );

  it("ends the server when this process crashes or just ends", async () => {
    const { command, pids } = await serverCommand(stubborn);
    const crash =
      await hostProcess(`await serveModel({ command: ${JSON.stringify(command)}, log: ${JSON.stringify(log)}, grace: 200 });
throw new Error("boom");`);
    await once(crash.child, "exit");
    expect(await untilGone(await pids())).toEqual([]);
    const end = await hostProcess(
      `await serveModel({ command: ${JSON.stringify(command)}, log: ${JSON.stringify(log)}, grace: 200 });`,
    );
    await once(end.child, "exit");
    expect(await untilGone(await pids())).toEqual([]);
  });
});

async function hostProcess(body: string) {
  const file = join(folder, "host.mts");
  const source = pathToFileURL(join(import.meta.dirname, "serve-model.ts")).href;
  await writeFile(file, `import { serveModel } from ${JSON.stringify(source)};\n${body}\n`);
  const child = spawn(process.execPath, ["--conditions=@rag-instruct/source", "--no-warnings", file], {
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
