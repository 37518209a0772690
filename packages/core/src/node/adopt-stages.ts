import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { hashOf } from "../hash.ts";
import { isThere } from "./files.ts";
import type { RunFolder } from "./run-folder.ts";

/**
 * Takes finished stages of another run over, so that they need not be made again, also when that run is gone: their outputs are linked into
 * the folder, or copied where the file system has no links, and recorded. A stage that is not whole there is passed over.
 * @param options.files other files that are taken along where they are there. @default none
 */
export async function adoptStages(
  names: readonly string[],
  { from, into, files = [] }: { from: RunFolder; into: RunFolder; files?: readonly string[] },
): Promise<void> {
  for (const name of names) {
    const { key = "" } = from.last(name) ?? {};
    const record = await from.finished(name, key);
    if (!record) continue;
    await into.replacing(name);
    for (const output of Object.keys(record.outputs)) await linkOrCopy(from.path(output), into.path(output));
    await into.record(name, record);
  }
  for (const file of files) if (await isThere(from.path(file))) await linkOrCopy(from.path(file), into.path(file));
}

/** A file in a second place, where it is whole or not at all. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const temporary = `${to}.${hashOf([from, process.pid]).slice(0, 12)}.tmp`;
  await mkdir(dirname(to), { recursive: true });
  await rm(temporary, { force: true });
  try {
    await link(from, temporary).catch(() => copyFile(from, temporary));
    await rename(temporary, to);
  } finally {
    // Two links of one file are left as they are by a rename.
    await rm(temporary, { force: true });
  }
}
