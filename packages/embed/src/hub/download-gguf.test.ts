import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hubServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { downloadGguf } from "../index.ts";

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "gguf-hub-"));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

const bytes = (seed: number) => new Uint8Array(100_000).map((_, i) => (i * seed) % 253);
const files = {
  "README.md": bytes(1),
  "small-Q4_K_M.gguf": bytes(3),
  "small-Q8_0.gguf": bytes(5),
  "large/large-00001-of-00002.gguf": bytes(7),
  "large/large-00002-of-00002.gguf": bytes(11),
};

it("fetches the file that is named, with its parts, goes on where it broke off, and not again", async () => {
  await using hub = await hubServer({ model: "made/small", files, faults: { truncate: 1 } });
  const fetch = (name: string) => downloadGguf({ model: name, cacheDir, endpoint: hub.url, offline: false });
  const path = await fetch("hf:made/small/small-Q4_K_M.gguf");
  expect(new Uint8Array(await readFile(path))).toEqual(files["small-Q4_K_M.gguf"]);
  const fetched = () => hub.requests.filter((request) => request.includes("/resolve/"));
  expect(fetched().some((request) => /Q4_K_M\.gguf bytes=[1-9]\d*-$/.test(request))).toBe(true);
  const before = fetched().length;
  expect(await fetch(`hf:made/small@${hub.commit}/small-Q4_K_M.gguf`)).toBe(path);
  expect(fetched()).toHaveLength(before);
  const first = await fetch("hf:made/small/large/large-00001-of-00002.gguf");
  expect(new Uint8Array(await readFile(first.replace("00001-of", "00002-of")))).toEqual(
    files["large/large-00002-of-00002.gguf"],
  );
  expect(fetched().some((request) => request.includes("Q8_0") || request.includes("README"))).toBe(false);
  expect(await downloadGguf({ model: "hf:made/small/small-Q4_K_M.gguf", cacheDir, offline: true })).toBe(path);
  await expect(downloadGguf({ model: "hf:made/small/small-Q8_0.gguf", cacheDir, offline: true })).rejects.toThrow(
    "small-Q8_0.gguf of made/small is not in the cache, and the hub is not asked offline",
  );
});

it("says what there is in place of a file that is not there, and what is no name of one", async () => {
  await using hub = await hubServer({ model: "made/small", files });
  const fetch = (model: string) => downloadGguf({ model, cacheDir, endpoint: hub.url, offline: false });
  await expect(fetch("hf:made/small/small.gguf")).rejects.toThrow(
    "made/small on the hub has no small.gguf; it has small-Q4_K_M.gguf, small-Q8_0.gguf, large/large-00001-of-00002.gguf",
  );
  await expect(fetch("hf:made/small")).rejects.toThrow(
    '"hf:made/small" is not a GGUF file on the hub; write hf:owner/name/file.gguf',
  );
  hub.faults.changed = ["small-Q8_0.gguf"];
  await expect(fetch("hf:made/small/small-Q8_0.gguf")).rejects.toThrow("does not have the hash that the hub lists");
});
