import type { TrainingExample } from "@rag-instruct/core";
import type { ExportFile } from "./export-file.ts";
import type { RecordFormat } from "./record-format.ts";

/** Writes examples to one file. */
export interface ExampleWriter {
  /** Resolves to false where the example has no place in the format. */
  write(example: TrainingExample, prompt: string): Promise<boolean>;
  /** Writes what is still held back; the file is not in place yet. */
  flush(): Promise<void>;
}

// Large enough that a chunk's cost does not count, small enough that ten files hold a few megabytes.
const chunkCharacters = 262_144;

/** Writes JSON Lines or one JSON array. */
export function recordWriter({ layout, toRecord }: RecordFormat, file: ExportFile): ExampleWriter {
  const array = layout === "array";
  const encoder = new TextEncoder();
  let held = array ? "[" : "";
  let count = 0;

  async function flush(): Promise<void> {
    if (held === "") return;
    const chunk = encoder.encode(held);
    held = "";
    await file.write(chunk);
  }
  return {
    async write(example, prompt) {
      const record = toRecord(example, prompt);
      if (record === undefined) return false;
      const json = JSON.stringify(record);
      held += array ? `${count === 0 ? "\n" : ",\n"}${json}` : `${json}\n`;
      count += 1;
      if (held.length >= chunkCharacters) await flush();
      return true;
    },
    async flush() {
      if (array) held += "\n]\n";
      await flush();
    },
  };
}
