import { readAllBytes } from "./bytes.ts";
import { decodeText, type TextReport } from "./decode-text.ts";
import { type BytesSource, openBytes } from "./open-bytes.ts";

/** Text to read as it streams by, and what has been met in it so far. */
export interface OpenText {
  name: string;
  /** Chunks of valid UTF-8 without byte order mark; no character is cut. */
  utf8: AsyncIterable<Buffer>;
  report: TextReport;
}

/** Most bytes of a text, a line or a record that are held in memory at once. */
export const maxTextBytes = 1 << 28;

/**
 * Opens text in UTF-8 or UTF-16, plain or packed by gzip or zstd, from a file, standard input (`-`) or open bytes.
 * Throws while it is read, as `openBytes` does.
 */
export function openText(source: BytesSource, { signal }: { signal?: AbortSignal } = {}): OpenText {
  const { name, bytes } = openBytes(source, signal ? { signal } : {});
  const report: TextReport = { encoding: "utf-8", invalidBytes: 0 };
  return { name, utf8: decodeText(bytes, report), report };
}

/** Reads a text whole. Throws `limit-exceeded` beyond `maxBytes`, by default 256 MiB. */
export async function readText(
  source: BytesSource,
  { maxBytes = maxTextBytes, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<TextReport & { text: string }> {
  const { name, utf8, report } = openText(source, signal ? { signal } : {});
  const bytes = await readAllBytes({ name, bytes: utf8 }, { maxBytes });
  return { ...report, text: bytes.toString("utf8") };
}
