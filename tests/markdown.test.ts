import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { requireBuilt } from "./support/packed.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** A block of TypeScript, with what a comment before it says is given: `<!-- given: declare const model: LanguageModel; -->`. */
interface Block {
  file: string;
  line: number;
  code: string;
}

const block = /(?:<!-- given: ([\s\S]*?) -->\s*)?^```(?:ts|typescript)\b[^\n]*\n([\s\S]*?)^```/gm;

function blocksOf(file: string, markdown: string): Block[] {
  return [...markdown.matchAll(block)].map(({ 1: given = "", 2: code = "", index, 0: whole }) => ({
    file,
    line: markdown.slice(0, index + whole.indexOf("```")).split("\n").length,
    code: `${code}\n${given}\nexport {};\n`,
  }));
}

async function markdownFiles(): Promise<string[]> {
  const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
  });
  return stdout.split("\n").filter((file) => file && !/CHANGELOG|^\.changeset/.test(file));
}

describe("the documentation", () => {
  it("has only TypeScript that type-checks, in every block of every page", async () => {
    const files = await markdownFiles();
    const blocks = (
      await Promise.all(files.map(async (file) => blocksOf(file, await readFile(join(root, file), "utf8"))))
    ).flat();
    expect(blocks.length).toBeGreaterThan(20);
    // Against the declarations that are built, which are checked a tenth as long as the sources; inside tests/, so that every package
    // resolves as it does for a user.
    requireBuilt();
    const folder = await mkdtemp(join(root, "tests/.markdown-"));
    try {
      for (const [i, { code }] of blocks.entries()) await writeFile(join(folder, `block-${i}.ts`), code);
      const config = {
        extends: "../../tsconfig.base.json",
        compilerOptions: { noEmit: true },
        files: blocks.map((_, i) => `block-${i}.ts`),
      };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
      const { stdout } = await run(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"]).catch(
        (error: { stdout: string }) => error,
      );
      const faults = stdout.replace(
        /^.*?block-(\d+)\.ts/gm,
        (_, i) => `${blocks[i]!.file}, block at line ${blocks[i]!.line}: `,
      );
      expect(faults).toBe("");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("links only to files that are there", async () => {
    const broken: string[] = [];
    for (const file of (await markdownFiles()).filter((name) => !name.startsWith("docs/"))) {
      for (const [, target] of (await readFile(join(root, file), "utf8")).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (!/^[a-z]+:/.test(target!) && !existsSync(join(root, file, "..", target!)))
          broken.push(`${file}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("names only files and folders of the repository that are there", async () => {
    const missing: string[] = [];
    for (const file of await markdownFiles()) {
      for (const [, path] of (await readFile(join(root, file), "utf8")).matchAll(
        /`(?:[^`\s]+ )*((?:packages|tests|bench|examples|scripts|docs)\/[\w./-]+)[^`]*`/g,
      )) {
        if (!existsSync(join(root, path!))) missing.push(`${file}: ${path}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
