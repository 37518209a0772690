import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { RagInstructError } from "../errors.ts";

const magic = "GGUF";
// Two models of one kind differ in all their weights, so a few looks tell them apart; a hash of tens of gigabytes would take a minute.
const sampled = 64;
const sampleBytes = 16_384;

/**
 * The id of a GGUF file's model: its name without the folder, and eight hex digits that follow from its size and from samples of a
 * megabyte in all, so that files of one name with other weights never share replies.
 * Throws `file-missing`, `unknown-format` for a file of another kind, and `file-corrupt`.
 */
export function nameGguf(path: string): string {
  const file = openGguf(path);
  try {
    const { size } = fstatSync(file);
    const hash = createHash("sha256").update(`${size}`);
    const bytes = Buffer.alloc(sampleBytes);
    const step = Math.max(sampleBytes, Math.floor(size / sampled));
    for (let at = 0; at < size; at += step) hash.update(bytes.subarray(0, readSync(file, bytes, 0, sampleBytes, at)));
    return `${basename(path)}@${hash.digest("hex").slice(0, 8)}`;
  } finally {
    closeSync(file);
  }
}

function openGguf(path: string): number {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw new RagInstructError("file-missing", `there is no model at ${path}; name a GGUF file`, { cause });
  }
  try {
    checkHeader(file, path);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

// "GGUF", the version, and how many tensors and fields there are.
const headerBytes = 24;
const minFieldBytes = 13;
const minTensorBytes = 24;

/** A reader that believes a broken header would look for billions of fields. */
function checkHeader(file: number, path: string): void {
  const stats = fstatSync(file);
  const header = Buffer.alloc(headerBytes);
  if (stats.isFile()) readSync(file, header, 0, headerBytes, 0);
  if (header.toString("latin1", 0, magic.length) !== magic)
    throw new RagInstructError("unknown-format", `${path} is no GGUF file: it does not begin with "${magic}"`);
  const [tensors, fields] = [header.readBigUInt64LE(8), header.readBigUInt64LE(16)];
  const least = BigInt(headerBytes) + tensors * BigInt(minTensorBytes) + fields * BigInt(minFieldBytes);
  if (fields === 0n || least > BigInt(stats.size))
    throw new RagInstructError("file-corrupt", `${path} is not whole, or no GGUF file; download it again`);
}
