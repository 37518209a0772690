import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";

const viewer = join(import.meta.dirname, "../packages/viewer");
// What the scripts are bundled of.
const sourceFolders = [join(viewer, "src"), join(import.meta.dirname, "../packages/core/src/page")];

/** Makes the scripts that run in the browser, where one of them is not there or older than what it is made of. */
export async function buildPage(): Promise<void> {
  const made = await Promise.all(["page.js", "viewer.js"].map((name) => changed(join(viewer, "dist", name))));
  const sources = await Promise.all(
    sourceFolders.map(async (folder) => (await readdir(folder, { recursive: true })).map((name) => join(folder, name))),
  );
  const written = await Promise.all(sources.flat().map(changed));
  if (Math.min(...made) >= Math.max(...written)) return;
  const [{ build }, { default: page }] = await Promise.all([
    import("esbuild"),
    import("../packages/viewer/tsup.page.config.ts"),
  ]);
  const { entry, outDir, tsconfig, platform, format, target, minify } = page;
  // tsup bundles by esbuild too, and wants the whole compiler of TypeScript for it.
  const how: BuildOptions = { bundle: true, logLevel: "warning" };
  page.esbuildOptions(how);
  await build({ ...how, entryPoints: entry, outdir: outDir, tsconfig, platform, format, target, minify });
}

/** When a file was changed last; before all others where it is not there. */
async function changed(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
