import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const examples = fileURLToPath(new URL("../examples/", import.meta.url));

describe("every example runs to its end", async () => {
  const files = (await readdir(examples)).filter((name) => name.endsWith(".ts"));
  it.each(files)("%s", async (file) => {
    const place = await mkdtemp(join(tmpdir(), "example-"));
    try {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ["--conditions=@rag-instruct/source", join(examples, file)],
        { cwd: place },
      );
      expect(stdout).not.toBe("");
      expect(stderr).toBe("");
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});
