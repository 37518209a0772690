import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/** The first TypeScript block of a README. */
function firstExample(markdown: string): string | undefined {
  return markdown.match(/```ts\n([\s\S]*?)```/)?.[1];
}

describe("the example that opens each package's README runs", async () => {
  for (const name of await readdir(packages)) {
    it(name, async () => {
      const example = firstExample(await readFile(join(packages, name, "README.md"), "utf8"));
      expect(example, "a README opens with an example").toBeDefined();
      // Inside the package, so that its own name and its dependencies resolve as they do for a user.
      const folder = await mkdtemp(join(packages, name, ".readme-"));
      try {
        await writeFile(join(folder, "example.ts"), example!);
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ["--conditions=@rag-instruct/source", join(folder, "example.ts")],
          { cwd: folder },
        );
        expect(stdout).not.toBe("");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
