import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FaultyServerOptions, faultyServer } from "../testing/index.ts";
import { openCalls } from "./calls.ts";
import { redact } from "./redact.ts";

let folder: string;
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keys-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const keys = [
  "sk-proj-Abc123Def456Ghi789",
  "hunter2hunter2",
  "AIzaSyA-0123456789abcdefghij",
  "0a1b2c3d4e5f60718293a4b5",
];

/** Everything that an error shows in any way: message, stack, causes, hidden fields. */
function allOf(error: unknown): string {
  return `${inspect(error, { depth: 20, showHidden: true, getters: true })} ${JSON.stringify(error)} ${String(error)}`;
}

const echoing = (key: string, status: number, code: string): FaultyServerOptions => ({
  refuse: { status, code, message: `what you sent with Bearer ${key} (${key}) is wrong: Authorization=${key}` },
});

describe("a key", () => {
  const failures: [string, (key: string) => FaultyServerOptions][] = [
    ["a refused key", () => ({ apiKey: "another" })],
    ["an answer 403 that repeats it", (key) => echoing(key, 403, "forbidden")],
    ["an answer 402 that repeats it", (key) => echoing(key, 402, "billing")],
    ["an answer 404 that repeats it", (key) => echoing(key, 404, "model_not_found")],
    ["an answer 400 that repeats it", (key) => echoing(key, 400, "bad")],
    ["an answer 429 that repeats it", (key) => echoing(key, 429, "slow")],
    ["an answer 500 that repeats it", (key) => echoing(key, 500, "oops")],
    ["resets", () => ({ faults: { reset: 1 } })],
    ["hangs", () => ({ faults: { hang: 1 } })],
    ["bodies cut off", () => ({ faults: { "cut-body": 1 } })],
  ];
  it.each(failures)("is nowhere after %s", async (_, serverOptions) => {
    for (const [i, key] of keys.entries()) {
      await using server = await faultyServer(serverOptions(key));
      const ledger = join(folder, `${i}.jsonl`);
      const calls = await openCalls({ ledger, backOff: 1, attempts: 2, timeout: 50, breakAfter: 3, patience: 200 });
      const model = createOpenAICompatible({ name: "test", baseURL: server.url, apiKey: key })("m");
      const asked = Array.from({ length: 4 }, (_, n) => calls.ask({ model, prompt: `p${n}`, version: "1" }));
      for (const result of await Promise.allSettled(asked)) {
        expect(result.status).toBe("rejected");
        expect(allOf((result as PromiseRejectedResult).reason)).not.toContain(key);
      }
      for (const name of await readdir(folder)) expect(await readFile(join(folder, name), "utf8")).not.toContain(key);
      await calls.close();
      expect(await readFile(ledger, "utf8")).toBe("");
    }
  });

  it("is nowhere when it holds a character that no header can carry, and the run stops", async () => {
    await using server = await faultyServer({});
    for (const key of ["sk-secret-line\ngeheimnis", "schlüssel-€-geheim"]) {
      await using calls = await openCalls({ ledger: join(folder, "l.jsonl"), backOff: 1 });
      const model = createOpenAICompatible({ name: "test", baseURL: server.url, apiKey: key })("m");
      const error = await calls.ask({ model, prompt: "p", version: "1" }).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "breaker-open" });
      expect(error.message).toMatch(/characters that no header can carry/);
      for (const part of key.split("\n")) expect(allOf(error)).not.toContain(part);
    }
  });

  it("is struck out wherever it looks like one, and words are left", () => {
    expect(redact("see https://user:pa55word@host/v1?key=abc123&x=1")).not.toMatch(/pa55word|abc123/);
    expect(redact("Authorization: Bearer whatever-it-is")).not.toContain("whatever");
    expect(redact("the token limit of gpt-4o-mini is 128000; key parameter missing")).toBe(
      "the token limit of gpt-4o-mini is 128000; key parameter missing",
    );
  });
});
