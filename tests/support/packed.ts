import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sharedOnce } from "./shared-once.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Folder names of all packages. */
export const packageNames = await readdir(join(root, "packages"));

/** The name under which a package's folder is published. */
export function publishedName(folder: string): string {
  return folder === "rag-instruct" ? folder : `@rag-instruct/${folder}`;
}

/** Throws at once, with what to do, where the packages are not built. */
export function requireBuilt(): void {
  const missing = packageNames.find((name) => !existsSync(join(root, "packages", name, "dist/index.js")));
  if (missing) throw new Error(`packages/${missing} is not built, and this test takes what is built: pnpm run build`);
}

/** Packs every package once, as it would be published. Gives the path of each tarball by the package's folder name. */
export async function packAll(): Promise<Record<string, string>> {
  requireBuilt();
  const folder = await sharedOnce("packed", async (place) => {
    const args = ["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", place];
    await promisify(execFile)("pnpm", args, { cwd: root });
  });
  const files = await readdir(folder);
  const nameOf = (file: string) => file.replace(/-\d.*/, "").replace(/^rag-instruct-(?=.)/, "");
  return Object.fromEntries(
    packageNames.map((name) => [name, join(folder, files.find((file) => nameOf(file) === name)!)]),
  );
}
