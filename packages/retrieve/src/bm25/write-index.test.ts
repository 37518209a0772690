import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { SectionWriter } from "./write-index.ts";

const large = new Uint32Array(1 << 21).fill(7);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sections-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("fails in the end where bringing a part to the disk failed on the way", async () => {
  const handle = await open(join(folder, "other"), "w");
  const datasync = vi.spyOn(Object.getPrototypeOf(handle), "datasync");
  datasync.mockRejectedValueOnce(new Error("EIO: i/o error, fdatasync"));
  const writer = await SectionWriter.open(join(folder, "failing"));
  for (let i = 0; i < 3; i++) await writer.write(large);
  await expect(writer.finish()).rejects.toThrow(/cannot write .*failing: EIO/);
  await writer.close();
  await handle.close();
});

it("writes what it is given, and may be closed while parts are on their way to the disk", async () => {
  const path = join(folder, "whole");
  const writer = await SectionWriter.open(path);
  for (let i = 0; i < 2; i++) await writer.write(large);
  expect((await writer.finish()).bytes).toBe(2 * large.byteLength);
  expect((await readFile(path)).length).toBe(2 * large.byteLength);

  const left = await SectionWriter.open(join(folder, "left"));
  await left.write(large);
  await left.close();
});
