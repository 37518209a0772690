import { access, readFile } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";

/** A JSON file of a model. Throws `file-missing` and `file-corrupt`. */
export async function readJson(path: string): Promise<Record<string, unknown>> {
  const value = await readJsonIfThere(path);
  if (value !== undefined) return value;
  throw new RagInstructError("file-missing", `${path} is not there; the folder must be laid out as on the hub`);
}

/** The same for a file that a model may lack. */
export async function readJsonIfThere(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new RagInstructError("file-missing", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON`, { cause });
  }
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
