import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RagInstructError } from "../errors.ts";
import { hashText } from "../hash.ts";
import { hashFile, importPeer, isThere, lockFolder, openJsonl, readJsonFile, readJsonl, writeAtomic } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "core-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writeAtomic", () => {
  it("writes texts, bytes and streams, making folders", async () => {
    async function* chunks() {
      yield "a";
      yield new TextEncoder().encode("b");
    }
    await writeAtomic(join(folder, "x/y/z.txt"), chunks());
    expect(await readFile(join(folder, "x/y/z.txt"), "utf8")).toBe("ab");
  });
  it("leaves the old file and nothing else when the source fails", async () => {
    const path = join(folder, "file");
    await writeAtomic(path, "old");
    async function* failing() {
      yield "new";
      throw new Error("source broke");
    }
    await expect(writeAtomic(path, failing())).rejects.toThrow("source broke");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });
  it("refuses to overwrite when told, and names a place it cannot write to", async () => {
    const path = join(folder, "file");
    await writeAtomic(path, "old");
    await expect(writeAtomic(path, "new", { overwrite: false })).rejects.toThrow(/already there/);
    await expect(writeAtomic(join(path, "below"), "x")).rejects.toSatisfy((error) =>
      RagInstructError.is(error, "file-unwritable"),
    );
  });
});

describe("openJsonl", () => {
  it("appends in the order of the calls and cuts off a torn last line", async () => {
    const path = join(folder, "log.jsonl");
    await writeFile(path, '{"n":0}\n{"n":1');
    await using file = await openJsonl(path);
    await Promise.all([1, 2, 3].map((n) => file.append({ n })));
    await file.sync();
    expect(await Array.fromAsync(readJsonl(path))).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
    expect(await Array.fromAsync(readJsonl(`${path}.no`, { mayBeMissing: true }))).toEqual([]);
  });
  it("keeps a file whole that has a line longer than a read", async () => {
    const path = join(folder, "log.jsonl");
    const long = JSON.stringify({ text: "x".repeat(200_000) });
    await writeFile(path, `${long}\n${long.slice(0, 150_000)}`);
    await (await openJsonl(path)).close();
    expect(await readFile(path, "utf8")).toBe(`${long}\n`);
  });
});

/** The number of a process that has just ended. */
async function deadProcess(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", "console.log(process.pid)"]);
  return Number(stdout);
}

describe("lockFolder", () => {
  it("keeps a second holder out until it is closed", async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(new RegExp(`in use by process ${process.pid}`));
    await lock.close();
    await (await lockFolder(folder)).close();
  });
  it("leaves nothing of processes that died while they took it, and keeps what a living one is writing", async () => {
    const pid = await deadProcess();
    await mkdir(folder, { recursive: true });
    const draft = (holder: number, name: string) =>
      writeFile(join(folder, name), JSON.stringify({ pid: holder, host: hostname(), since: "" }));
    await draft(pid, ".lock.0123456789ab");
    await draft(process.pid, ".lock.ba9876543210");
    await (await lockFolder(folder)).close();
    expect(await readdir(folder)).toEqual([".lock.ba9876543210"]);
  });
  it("leaves nothing of processes that died before they had written a word, or long ago", async () => {
    const host = hashText(hostname()).slice(0, 8);
    const names = {
      dead: `.lock.${host}-${await deadProcess()}-0123456789ab`,
      living: `.lock.${host}-${process.pid}-0123456789ab`,
      elsewhere: `.lock.00000000-1-0123456789ab`,
      old: ".lock.0123456789ab",
      other: ".lock.of-something-else",
    };
    for (const name of Object.values(names)) await writeFile(join(folder, name), "");
    const longAgo = new Date(Date.now() - 100_000);
    await utimes(join(folder, names.old), longAgo, longAgo);
    await (await lockFolder(folder)).close();
    expect((await readdir(folder)).sort()).toEqual([names.elsewhere, names.living, names.other].sort());
  });
  it("takes over the lock of a process that has died", async () => {
    const pid = await deadProcess();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, ".lock"), JSON.stringify({ pid, host: hostname(), since: "then" }));
    await (await lockFolder(folder)).close();
    expect(await readdir(folder)).toEqual([]);
  });
});

it("importPeer names the command that installs what is missing", async () => {
  const load = () => import("not-a-package-at-all" as string);
  await expect(importPeer("not-a-package-at-all", load)).rejects.toThrow("npm install not-a-package-at-all");
});

describe("hashFile and isThere", () => {
  it("tell a file's size and SHA-256, and whether there is one", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a.txt"), "grün");
    expect(await hashFile(join(folder, "a.txt"))).toEqual({ bytes: 5, sha256: hashText("grün") });
    expect([await isThere(folder), await isThere(join(folder, "a.txt")), await isThere(join(folder, "b"))]).toEqual([
      true,
      true,
      false,
    ]);
    await expect(hashFile(join(folder, "a.txt"), { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("readJsonFile", () => {
  it("gives the value, nothing where there is no file, and names a file that is not JSON", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a.json"), '{"a":1}');
    await writeFile(join(folder, "b.json"), '{"a":');
    expect(await readJsonFile(join(folder, "a.json"))).toEqual({ a: 1 });
    expect(await readJsonFile(join(folder, "none.json"))).toBeUndefined();
    await expect(readJsonFile(join(folder, "b.json"))).rejects.toMatchObject({
      code: "file-corrupt",
      message: expect.stringContaining("b.json is not JSON"),
    });
  });
});
