import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import { lockFolder } from "@rag-instruct/core/node";

/** A folder that the first test file that asks for it fills, and that all others of the same run of vitest read. */
export async function sharedOnce(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(process.env.RAG_INSTRUCT_TESTS!, name);
  const done = join(folder, ".done");
  for (;;) {
    try {
      await using _lock = await lockFolder(folder);
      if (!existsSync(done)) {
        await fill(folder);
        await writeFile(done, "");
      }
      return folder;
    } catch (error) {
      if (!RagInstructError.is(error, "folder-locked")) throw error;
      await sleep(200);
    }
  }
}
