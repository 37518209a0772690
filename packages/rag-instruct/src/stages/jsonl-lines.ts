import type { Source } from "@rag-instruct/core";

/** Records as JSONL lines, joined into chunks so that a file is not written line by line. */
export async function* toJsonl(records: Source<unknown>): AsyncGenerator<string> {
  let chunk = "";
  for await (const record of records) {
    chunk += `${JSON.stringify(record)}\n`;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk) yield chunk;
}
