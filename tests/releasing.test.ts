import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

it("changesets give every package the same next version, with a changelog", async () => {
  const place = await mkdtemp(join(tmpdir(), "releasing-"));
  try {
    for (const file of ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ".changeset"])
      await cp(join(root, file), join(place, file), { recursive: true });
    const names = await readdir(join(root, "packages"));
    for (const folder of [...names.map((name) => `packages/${name}`), "bench", "docs", "examples", "tests"]) {
      await mkdir(join(place, folder), { recursive: true });
      await cp(join(root, folder, "package.json"), join(place, folder, "package.json"));
    }
    const git = (...args: string[]) =>
      promisify(execFile)("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { cwd: place });
    await git("init", "-q", "-b", "main");
    await git("add", "-A");
    await git("commit", "-qm", "start");
    await promisify(execFile)(join(root, "node_modules/.bin/changeset"), ["version"], { cwd: place });
    const versions = await Promise.all(
      names.map(
        async (name) => JSON.parse(await readFile(join(place, "packages", name, "package.json"), "utf8")).version,
      ),
    );
    expect(new Set(versions)).toEqual(new Set(["0.1.0"]));
    expect(await readFile(join(place, "packages/rag-instruct/CHANGELOG.md"), "utf8")).toContain("0.1.0");
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});
