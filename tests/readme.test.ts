import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packAll, packageNames, publishedName } from "./support/packed.ts";
import { miniLm } from "./support/shared.ts";
import { userEnvironment } from "./support/user-environment.ts";

const run = promisify(execFile);
const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/** How a README opens: the program, what it prints by its own last comment, and the packages that the first line to install names. */
interface Opening {
  program: string;
  prints: string;
  installs: string[];
}

async function openingOf(name: string): Promise<Opening> {
  const readme = await readFile(join(packages, name, "README.md"), "utf8");
  const [, before = "", block = ""] = readme.match(/^# .*\n\n((?:(?!#|```).+\n)+)\n```ts\n([\s\S]*?)```/) ?? [];
  const [, program = "", comment = ""] = block.match(/^([\s\S]*?)\n((?:\/\/.*\n)+)$/) ?? [];
  const [, line = ""] = readme.match(/^npm install (.*?) *(?:#.*)?$/m) ?? [];
  expect(before.match(/\.(?=\s)/g)?.length, "a sentence or two before the program").toBeLessThanOrEqual(2);
  return { program, prints: comment.replaceAll(/^\/\/ ?/gm, "").trim(), installs: line.split(" ") };
}

/** Where a program of `name` finds what it speaks of: a handbook, and a model as a download leaves it. */
async function furnish(place: string, name: string): Promise<void> {
  const handbook = join(place, "handbook");
  if (name === "embed") return symlink(miniLm, join(place, "all-MiniLM-L6-v2"));
  // As the package carries it.
  if (name === "rag-instruct")
    return cp(join(place, "node_modules/rag-instruct/demo/ostrey"), handbook, { recursive: true });
  await mkdir(handbook);
  await writeFile(
    join(handbook, "ferry.md"),
    "# The ferry\n\nThe ferry to Pell Island leaves at 7:15 from the east pier.\n",
  );
  await writeFile(join(handbook, "birds.csv"), "title,text\nPuffins,They nest on Pell Island until August.\n");
}

describe.each(["npm", "pnpm"])("after %s has installed what its README says, and nothing else", (manager) => {
  let folder: string;
  let tarballs: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "readme-"));
    const packed = Object.entries(await packAll());
    tarballs = Object.fromEntries(packed.map(([name, file]) => [publishedName(name), `file:${file}`]));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  for (const name of packageNames) {
    const needs = name === "embed" && !existsSync(miniLm) ? miniLm : undefined;
    it.skipIf(needs)(`${name}: the five lines print what they say${needs ? ` (needs ${needs})` : ""}`, async () => {
      const { program, prints, installs } = await openingOf(name);
      const lines = program.split("\n").filter((line) => !/^(?:import .*)?$/.test(line));
      expect(lines.length, "five lines beside the imports").toBe(5);
      const { peerDependencies = {} } = JSON.parse(await readFile(join(packages, name, "package.json"), "utf8"));
      const versionOf = (wanted: string) => tarballs[wanted] ?? peerDependencies[wanted] ?? "latest";
      const dependencies = Object.fromEntries(installs.map((wanted) => [wanted, versionOf(wanted)]));

      const place = join(folder, name);
      await mkdir(place);
      // In the place of a registry that has the packages: each is its tarball, for the others too.
      await writeFile(join(place, "package.json"), JSON.stringify({ dependencies, overrides: tarballs }));
      const allowBuilds = { "onnxruntime-node": false };
      await writeFile(join(place, "pnpm-workspace.yaml"), JSON.stringify({ overrides: tarballs, allowBuilds }));
      const env = { ...userEnvironment(homedir()), ONNXRUNTIME_NODE_INSTALL: "skip" };
      const quiet = manager === "npm" ? ["--no-audit", "--no-fund"] : [];
      await run(manager, ["install", "--prefer-offline", ...quiet], { cwd: place, env });
      await furnish(place, name);
      await writeFile(join(place, "example.ts"), program);
      const { stdout } = await run(process.execPath, ["example.ts"], { cwd: place, env });
      expect(stdout.trim().replaceAll(/ +$/gm, "")).toBe(prints);
    });
  }
});
