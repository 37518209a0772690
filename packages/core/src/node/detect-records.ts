import { RagInstructError } from "../errors.ts";
import { decodeHead } from "./decode-text.ts";

/** Layouts of records that are read without being told more. */
export type RecordFormat = "jsonl" | "json" | "csv" | "tsv" | "parquet";

const byExtension: Record<string, RecordFormat> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  tsv: "tsv",
  parquet: "parquet",
};

/** The extension that counts, in lower case: `psgs_w100.tsv.gz` gives `tsv`. */
export function extensionOf(name: string): string {
  const parts = name
    .toLowerCase()
    .replace(/\.(gz|gzip|zst|zstd)$/, "")
    .split(/[/\\]/)
    .at(-1)!
    .split(".");
  return parts.length > 1 ? parts.at(-1)! : "";
}

/** Tells the layout of records by the first bytes, unpacked, and the name. Throws `unknown-format`. */
export function detectRecordFormat(name: string, head: Uint8Array): RecordFormat {
  const text = decodeHead(head).trimStart();
  if (text.startsWith("PAR1")) return "parquet";
  const extension = extensionOf(name);
  if (text.startsWith("[")) return "json";
  if (text.startsWith("{")) return startsWithWholeObject(text) ? "jsonl" : extension === "jsonl" ? "jsonl" : "json";
  const known = byExtension[extension] ?? (extension === "json" ? "json" : undefined);
  if (known) return known;
  throw new RagInstructError(
    "unknown-format",
    `${name} is neither JSON, CSV nor Parquet by its content or name; name its format`,
  );
}

/** JSON lines often carry the name .json: the first line is then an object, and another follows. */
function startsWithWholeObject(text: string): boolean {
  const newline = text.indexOf("\n");
  const next = newline < 0 ? "" : text.slice(newline + 1).trimStart();
  if (!next.startsWith("{")) return false;
  try {
    return typeof JSON.parse(text.slice(0, newline)) === "object";
  } catch {
    return false;
  }
}
