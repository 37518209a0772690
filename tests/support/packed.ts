import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));

/** Folder names of all packages. */
export const packageNames = await readdir(packages);

/** Packs every package, as it would be published, into a folder. Gives the path of each tarball by the package's folder name. */
export async function packAll(folder: string): Promise<Record<string, string>> {
  const pack = (name: string) =>
    promisify(execFile)("pnpm", ["pack", "--pack-destination", folder], { cwd: join(packages, name) });
  await Promise.all(packageNames.map(pack));
  const files = await readdir(folder);
  const nameOf = (file: string) => file.replace(/-\d.*/, "").replace(/^rag-instruct-(?=.)/, "");
  return Object.fromEntries(
    packageNames.map((name) => [name, join(folder, files.find((file) => nameOf(file) === name)!)]),
  );
}
