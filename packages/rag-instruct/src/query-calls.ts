import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFile } from "@rag-instruct/core/node";
import type { ResolvedConfig } from "./config.ts";
import { type RunCalls, runCalls } from "./run-calls.ts";
import type { RunFolder } from "./run-folder.ts";

/**
 * The calls that turn questions into vectors, opened when they are first needed. Replies are kept in the run folder; where another
 * process keeps its own there, or nothing can be written, for as long as they are needed.
 */
export function queryCalls(
  folder: Pick<RunFolder, "path">,
  config: ResolvedConfig,
): Pick<RunCalls, "open"> & AsyncDisposable {
  const kept = folder.path("queries.jsonl");
  let place: string | undefined;
  let calls: Promise<RunCalls> | undefined;
  async function choose(): Promise<RunCalls> {
    if (await canLock(kept)) return runCalls(kept, { ...config, batch: false });
    place = await mkdtemp(join(tmpdir(), "rag-instruct-queries-"));
    return runCalls(join(place, "queries.jsonl"), { ...config, batch: false });
  }
  return {
    async open() {
      calls ??= choose();
      return (await calls).open();
    },
    async [Symbol.asyncDispose]() {
      await (await calls)?.[Symbol.asyncDispose]();
      if (place) await rm(place, { recursive: true, force: true });
    },
  };
}

async function canLock(path: string): Promise<boolean> {
  try {
    await (await lockFile(path)).close();
    return true;
  } catch {
    return false;
  }
}
