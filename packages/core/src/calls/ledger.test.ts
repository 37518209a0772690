import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { seededRandom } from "../random.ts";
import { faultyServer } from "../testing/index.ts";
import { openCalls } from "./calls.ts";
import { keyPlaces, memoryLedger, openLedger } from "./ledger.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-"));
  path = join(folder, "ledger.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (i: number, value: unknown = `reply ${i}`) => ({
  key: hashOf(i),
  model: "m",
  usage: { inputTokens: i, outputTokens: 1 },
  usd: i / 1000,
  value,
});

/** Runs a module's text in a process of its own; its first line of output resolves. */
async function startChild(script: string, before = "true") {
  const args = ["--conditions=@rag-instruct/source", "--no-warnings", "--input-type=module", "-e", script];
  const child = spawn("bash", ["-c", `${before}; exec "$0" "$@"`, process.execPath, ...args], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, line: String(line).trim() };
}

describe("keyPlaces", () => {
  it("behaves as a map over keys at random, through every growth", () => {
    const random = seededRandom(1, "keys");
    const table = keyPlaces();
    const map = new Map<string, number>();
    for (let i = 0; i < 50_000; i++) {
      const key = hashOf(random.integer(30_000));
      table.set(key, i);
      map.set(key, i);
    }
    expect(table.size).toBe(map.size);
    for (const [key, place] of map) expect(table.get(key)).toBe(place);
    for (let i = 0; i < 1000; i++) expect(table.get(hashOf(`other ${i}`))).toBeUndefined();
  });
});

describe("openLedger", () => {
  it("gives back what was added, also of several megabytes and in any script, in this process and the next", async () => {
    const values = ["", "a\nb", "ключ 鍵 😀", { deep: [1, null] }, "x".repeat(3 << 20), '"value":', '","value":{'];
    for (const round of [0, 1]) {
      await using ledger = await openLedger(path);
      if (round === 0) await Promise.all(values.map((value, i) => ledger.add(entry(i, value))));
      expect(ledger.size).toBe(values.length);
      for (const [i, value] of values.entries()) expect(await ledger.get(hashOf(i))).toEqual(entry(i, value));
      expect(await ledger.get(hashOf("no"))).toBeUndefined();
      const heads: unknown[] = [];
      await ledger.heads((head) => heads.push(head));
      expect(heads).toEqual(values.map((_, i) => ({ ...entry(i), value: undefined })));
    }
  });

  it("cuts a line torn at any byte, and keeps all before it", async () => {
    await using ledger = await openLedger(path);
    for (let i = 0; i < 3; i++) await ledger.add(entry(i, "ключ"));
    await ledger.close();
    const whole = await readFile(path);
    const second = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let end = second + 1; end < whole.length; end += 7) {
      await writeFile(path, whole.subarray(0, end));
      await using torn = await openLedger(path);
      expect(torn.size).toBe(2);
      await torn.add(entry(9));
      expect(await torn.get(hashOf(9))).toEqual(entry(9));
    }
  });

  it.skipIf(process.platform === "win32")("writes nothing behind a line that could not be written whole", async () => {
    const script = `
      import { openLedger } from "./ledger.ts";
      const ledger = await openLedger(${JSON.stringify(path)});
      const kept = [];
      const errors = new Set();
      for (let i = 0; i < 40; i++) {
        const entry = { key: i.toString(16).padStart(32, "0"), usage: {}, value: "x".repeat(i % 2 ? 3 : 300) };
        await ledger.add(entry).then(() => kept.push(i), (error) => errors.add(error.code));
      }
      await ledger.close();
      console.log(JSON.stringify({ kept: kept.length, errors: [...errors] }));`;
    // Files may grow to 4 KiB.
    const { line } = await startChild(script, "ulimit -f 4");
    const { kept, errors } = JSON.parse(line) as { kept: number; errors: string[] };
    expect(errors).toEqual(["file-unwritable"]);
    expect(kept).toBeGreaterThan(5);
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(kept + 1);
    await using ledger = await openLedger(path);
    expect(ledger.size).toBe(kept);
  });

  it.each(["reply", "second", "close"] as const)("keeps every reply through kill -9 under fsync: %s", async (fsync) => {
    const { child } = await startChild(`
      import { openLedger } from "./ledger.ts";
      const ledger = await openLedger(${JSON.stringify(path)}, { fsync: "${fsync}" });
      for (let i = 0; i < 20; i++) await ledger.add({ key: i.toString(16).padStart(32, "0"), usage: {}, value: i });
      console.log("done");
      setInterval(() => {}, 1000);`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await using ledger = await openLedger(path);
    expect(ledger.size).toBe(20);
  });

  it("refuses a ledger that another process holds, names it, and takes it over when that one was killed", async () => {
    const script = `
      import { openLedger } from "./ledger.ts";
      await openLedger(${JSON.stringify(path)});
      console.log(process.pid);
      setInterval(() => {}, 1000);`;
    const { child, line } = await startChild(script);
    const refused = await openLedger(path).catch((error) => error);
    expect(RagInstructError.is(refused, "folder-locked")).toBe(true);
    expect(refused.message).toMatch(new RegExp(`ledger\\.jsonl is in use by process ${line} on ${hostname()}`));
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await openLedger(path)).close();
    expect(await readdir(folder)).toEqual(["ledger.jsonl"]);
  });

  it.runIf(process.platform === "linux")("knows that a process number was given to another process", async () => {
    const dead = { pid: process.pid, host: hostname(), since: "then", start: "1" };
    await writeFile(`${path}.lock`, JSON.stringify(dead));
    await (await openLedger(path)).close();
  });

  it("is given to one of many that want a dead process's ledger at once", async () => {
    const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), since: "then" });
    for (let round = 0; round < 40; round++) {
      await writeFile(`${path}.lock`, dead);
      const opened = await Promise.allSettled(
        Array.from({ length: 16 }, async (_, i) => {
          // Some come while others are at it.
          for (let turn = 0; turn < i % 5; turn++) await new Promise(setImmediate);
          return openLedger(path);
        }),
      );
      const winners = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      expect(winners).toHaveLength(1);
      await winners[0]!.close();
    }
  });
});

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

it("calls take a ledger in memory, which outlives them: what was paid once is not paid again, and counts in the budget", async () => {
  await using server = await faultyServer({});
  const ledger = memoryLedger();
  const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
  const budget = { tokens: 3500 };
  const first = await openCalls({ ledger, budget });
  const { text } = await first.ask({ model, prompt: "a", version: "1" });
  const value = await first.perform({
    key: "own",
    worst: { inputTokens: 100, outputTokens: 0 },
    execute: async () => ({ value: { at: [1, undefined, "ü"] }, usage: { inputTokens: 100, outputTokens: 0 } }),
  });
  expect(value).toEqual({ at: [1, undefined, "ü"] });
  await first.close();
  await using second = await openCalls({ ledger, budget: { tokens: 1100 } });
  expect((await second.ask({ model, prompt: "a", version: "1" })).text).toBe(text);
  // As it comes back from a file.
  expect(await second.perform({ key: "own", execute: () => Promise.reject(new Error("not again")) })).toEqual({
    at: [1, null, "ü"],
  });
  expect(second.summary()).toMatchObject({ made: 0, reused: 2 });
  expect(server.counts().requests).toBe(1);
  await expect(second.ask({ model, prompt: "b", version: "1" })).rejects.toThrow(/of 1100 tokens are spent/);
});

it("batches need a ledger on disk", async () => {
  await expect(openCalls({ ledger: memoryLedger(), batch: true })).rejects.toThrow(/batches need the path of a ledger/);
});
