import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The records of a JSONL file. */
export async function jsonl<T>(path: string): Promise<T[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** Hashes of everything a run leaves that must not depend on time, place or concurrency. */
export async function fingerprints(run: string): Promise<Record<string, string>> {
  const names = [
    "exemplars.jsonl",
    "plan.jsonl",
    "pairs.jsonl",
    "rejected.jsonl",
    "train.jsonl",
    "report.html",
    "manifest.json",
  ];
  const exports = (await readdir(join(run, "exports"))).map((name) => `exports/${name}`);
  const entries = [...names, ...exports].map(async (name) => [
    name,
    createHash("sha256")
      .update(await readFile(join(run, name)))
      .digest("hex"),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
