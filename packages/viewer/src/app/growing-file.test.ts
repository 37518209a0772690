import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GrowingFile } from "./growing-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "growing-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("GrowingFile", () => {
  it("gives each whole line once, whoever asks meanwhile, and begins anew with another file", async () => {
    const path = join(folder, "a.jsonl");
    const file = new GrowingFile(folder, "a.jsonl");
    let lines: string[] = [];
    const read = () =>
      file.read(
        (line) => lines.push(line),
        () => {
          lines = [];
        },
      );
    expect(await read()).toBe(false);
    await writeFile(path, "1\n2\nhal");
    expect(await Promise.all([read(), read(), read()])).toEqual([true, true, true]);
    expect(lines).toEqual(["1", "2"]);
    await appendFile(path, "f\n");
    expect(await read()).toBe(true);
    expect(lines).toEqual(["1", "2", "half"]);
    expect(await read()).toBe(false);
    await writeFile(`${path}.new`, "other\n");
    await rename(`${path}.new`, path);
    await read();
    expect(lines).toEqual(["other"]);
  });

  it("names file and line of what is not JSON or no record, and reads on from there once it is", async () => {
    const path = join(folder, "a.jsonl");
    const file = new GrowingFile(folder, "a.jsonl");
    const records: unknown[] = [];
    const read = () =>
      file.read(
        (line) => records.push(JSON.parse(line)),
        () => {
          records.length = 0;
        },
      );
    await writeFile(path, "1\n\n{2\n3\n");
    await expect(read()).rejects.toMatchObject({
      code: "bad-record",
      message: expect.stringContaining(`${path}:3: not`),
    });
    const refuse = () => {
      throw new TypeError("no record");
    };
    await expect(file.read(refuse, Object)).rejects.toThrow(`${path}:3: no line of a run; take it out`);
    await writeFile(path, "1\n\n22\n3\n");
    await read();
    expect(records).toEqual([1, 22, 3]);
  });
});
