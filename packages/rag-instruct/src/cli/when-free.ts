import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import type { CommandContext } from "./command.ts";

const pause = 250;

/** Does work that needs a lock, and waits while another process holds it. */
export async function whenFree<T>(work: () => Promise<T>, { view, signal }: CommandContext): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!RagInstructError.is(error, "folder-locked")) throw error;
      view.onProgress({ stage: "waiting", done: 0, note: error.message });
      await sleep(pause);
    }
  }
}
