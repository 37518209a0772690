import { execFile } from "node:child_process";
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packAll } from "./support/packed.ts";
import { userEnvironment } from "./support/user-environment.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

// Megabytes in the files that `npm install` brings for one package: its dependencies and the peers that are not optional. Its README says the same.
const stated: Readonly<Record<string, number>> = {
  core: 1.6,
  corpus: 8.4,
  embed: 2.3,
  retrieve: 2.8,
  paradigms: 8.4,
  simulate: 30.9,
  format: 2.9,
  eval: 20.9,
  viewer: 1.8,
  workers: 20.6,
  "rag-instruct": 46.8,
};

let folder: string;
let tarballs: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sizes-"));
  tarballs = await packAll(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("what a package puts on disk", () => {
  it.each(Object.keys(stated))(
    "%s: within a tenth of what its README says, and no runtime that was not asked for",
    async (name) => {
      const place = await mkdtemp(join(folder, "user-"));
      // Siblings come from their tarballs too, as they would from the registry.
      const overrides = Object.fromEntries(
        Object.entries(tarballs).map(([sibling, file]) => [packageName(sibling), `file:${file}`]),
      );
      const dependencies = { [packageName(name)]: `file:${tarballs[name]}` };
      await writeFile(join(place, "package.json"), JSON.stringify({ private: true, dependencies, overrides }));
      const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
      await run("npm", ["install", ...quiet], { cwd: place, env: userEnvironment(homedir()) });
      const { bytes, packages } = await measure(join(place, "node_modules"));
      const megabytes = bytes / 1e6;
      expect(
        packages.filter((found) => /^onnxruntime-node$|^faiss|^usearch$|^pg$|^bullmq$|^unpdf$|^mammoth$/.test(found)),
      ).toEqual([]);
      expect(megabytes).toBeLessThan(stated[name]! * 1.1);
      expect(megabytes, "the figure is out of date").toBeGreaterThan(stated[name]! * 0.7);
      const readme = await readFile(join(root, "packages", name, "README.md"), "utf8");
      expect(readme).toContain(`Install size: ${stated[name]} MB`);
    },
    120_000,
  );
});

function packageName(name: string): string {
  return name === "rag-instruct" ? name : `@rag-instruct/${name}`;
}

/** Bytes of all files below a folder, and the names of the packages at its top. */
async function measure(nodeModules: string): Promise<{ bytes: number; packages: string[] }> {
  const entries = await readdir(nodeModules, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await lstat(join(entry.parentPath, entry.name))).size);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  return { bytes, packages: await readdir(nodeModules) };
}
