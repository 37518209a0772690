import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach } from "vitest";
import type { BatchOptions } from "../src/calls/batch/batch-queue.ts";
import { type Calls, type CallsOptions, openCalls } from "../src/calls/calls.ts";
import { type FaultyServer, type FaultyServerOptions, faultyServer } from "../src/testing/index.ts";

export const key = "sk-very-secret-key-123456";
export const quick: BatchOptions = { gather: 20, poll: { from: 5, to: 20 } };
export const prompts = (count: number) => Array.from({ length: count }, (_, i) => `prompt ${i}`);

/** What an action under {@link batchTools} works with. */
export interface Tools {
  ask(prompt: string, signal?: AbortSignal): Promise<string>;
  calls: Calls;
  server: FaultyServer;
}

/** A folder and a ledger for each test of a file, and calls through batches over them. */
export function batchTools() {
  const at = { folder: "", ledger: "" };
  beforeAll(() => {
    // The AI SDK prints its warnings otherwise.
    Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  });
  beforeEach(async () => {
    at.folder = await mkdtemp(join(tmpdir(), "batch-"));
    at.ledger = join(at.folder, "ledger.jsonl");
  });
  afterEach(() => rm(at.folder, { recursive: true, force: true }));

  async function withBatches<T>(
    server: FaultyServerOptions | FaultyServer,
    action: (tools: Tools) => Promise<T>,
    { batch, ...options }: Omit<Partial<CallsOptions>, "batch"> & { batch?: BatchOptions | false } = {},
  ): Promise<T> {
    await using own = "url" in server ? undefined : await faultyServer(server);
    const opened = own ?? (server as FaultyServer);
    await using calls = await openCalls({
      ledger: at.ledger,
      backOff: 5,
      batch: batch !== false && { ...quick, ...batch },
      ...options,
    });
    const model = createOpenAICompatible({ name: "test", baseURL: opened.url, apiKey: key })("m");
    const ask = async (prompt: string, signal?: AbortSignal) =>
      (await calls.ask({ model, prompt, version: "1", signal })).text;
    // Without await the server would be closed before the action has run.
    return await action({ ask, calls, server: opened });
  }
  const ledgerEntries = async () =>
    new Map(
      (await readFile(at.ledger, "utf8"))
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { key: string; value: unknown; usage: unknown; usd?: number })
        .map(({ key, ...rest }) => [key, rest]),
    );
  return { at, withBatches, ledgerEntries };
}
