import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type HubServer, type HubServerOptions, hubServer } from "@rag-instruct/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeTinyModel } from "../../test/tiny-model.ts";
import { type DownloadModelOptions, downloadModel, onnxEmbedder } from "../index.ts";

const model = "made/tiny";
let folder = "";
let cacheDir = "";
let files: Record<string, Uint8Array> = {};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-"));
  cacheDir = join(folder, "cache");
  await writeTinyModel(join(folder, "model"));
  const names = (await readdir(join(folder, "model"), { recursive: true })).filter((name) => /\.\w+$/.test(name));
  files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, "model", name)))])),
  );
  files["pytorch_model.bin"] = new Uint8Array(10);
});
afterEach(() => rm(folder, { recursive: true }));

async function withHub<T>(options: Partial<HubServerOptions>, action: (hub: HubServer) => Promise<T>): Promise<T> {
  await using hub = await hubServer({ model, files, ...options });
  return await action(hub);
}
const download = (hub: HubServer, options: Partial<DownloadModelOptions> = {}) =>
  downloadModel({ model, cacheDir, endpoint: hub.url, offline: false, ...options });
const fetched = (hub: HubServer) => hub.requests.filter((path) => path.includes("/resolve/"));

describe("downloadModel", () => {
  it("fetches what an embedder needs, once, into the layout of the Hugging Face cache", async () => {
    await withHub({}, async (hub) => {
      const bytes: number[] = [];
      const place = await download(hub, { onProgress: ({ done, total }) => void bytes.push(done, total!) });
      expect(place).toBe(join(cacheDir, "models--made--tiny/snapshots", hub.commit));
      expect(bytes.at(-2)).toBe(bytes.at(-1));
      expect(hub.requests.some((path) => path.includes("pytorch_model"))).toBe(false);
      expect(await readFile(join(cacheDir, "models--made--tiny/refs/main"), "utf8")).toBe(hub.commit);
      await using embedder = await onnxEmbedder({ model: place });
      expect((await embedder.embed(["w4"], { kind: "query" })).count).toBe(1);
      const before = fetched(hub).length;
      await download(hub, { revision: hub.commit });
      expect(fetched(hub)).toHaveLength(before);
    });
    expect(await downloadModel({ model, cacheDir, offline: true })).toContain("snapshots");
  });
  it.each([
    ["goes on where answers break off", { truncate: 2 }, /onnx bytes=[1-9]\d*-|json bytes=[1-9]\d*-/],
    ["begins again at a hub without ranges", { truncate: 2, noRanges: true }, /bytes=/],
    ["gives up a connection that stalls and asks again", { stall: 1 }, /bytes=/],
    ["waits for a slow hub", { slow: 20 }, /resolve/],
  ])("%s", async (_, faults, request) => {
    await withHub({ faults }, async (hub) => {
      const place = await download(hub, { idle: 150 });
      expect(fetched(hub).some((path) => request.test(path))).toBe(true);
      for (const name of ["config.json", "onnx/model.onnx"]) {
        expect(new Uint8Array(await readFile(join(place, name)))).toEqual(files[name]);
      }
    });
  });
  it("goes on in a later run from where an earlier one was stopped", async () => {
    await withHub({ faults: { slow: 30 } }, async (hub) => {
      const stop = new AbortController();
      const reason = new Error("enough");
      const onProgress = () => stop.abort(reason);
      await expect(download(hub, { signal: stop.signal, onProgress })).rejects.toBe(reason);
      hub.requests.length = 0;
      await download(hub);
      expect(fetched(hub)[0]).toMatch(/bytes=[1-9]\d*-$/);
    });
  });
  it.each<[string, Partial<HubServerOptions>, Partial<DownloadModelOptions>, RegExp]>([
    [
      "a file that has changed",
      { faults: { changed: ["onnx/model.onnx"] } },
      {},
      /model\.onnx does not have the hash that the hub lists/,
    ],
    [
      "no right to read",
      { token: "hf_right" },
      {},
      /answered 401 for made\/tiny at main: check its name, and set HF_TOKEN/,
    ],
    ["a wrong token", { token: "hf_right" }, { token: "hf_wrong" }, /answered 401 .*: the token may not read it/],
    ["an unknown model", {}, { model: "made/other" }, /has no made\/other at main; check name and revision/],
    ["an unknown revision", {}, { revision: "v2" }, /has no made\/tiny at v2/],
    [
      "a model without that graph",
      {},
      { quantized: true },
      /made\/tiny on the hub holds no model_quantized\.onnx or .*; it has onnx\/model\.onnx: name one as graph/,
    ],
    ["a name that leads elsewhere", {}, { model: "../x" }, /is not the name of a model on a hub/],
    ["an empty cache offline", {}, { offline: true }, /made\/tiny at main is not in the cache/],
  ])("says what is wrong with %s, and never the token", async (_, server, options, message) => {
    await withHub(server, async (hub) => {
      const error: Error = await download(hub, { token: "", ...options }).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain("hf_");
    });
  });
  it("fetches the graph that is wanted and no other, with weights in files of their own", async () => {
    await writeTinyModel(join(folder, "large"), { graph: { weights: "model.onnx_data" } });
    const named = async (name: string) => new Uint8Array(await readFile(join(folder, "large/onnx", name)));
    const [graph, weights] = [await named("model.onnx"), await named("model.onnx_data")];
    const others = ["model_fp16.onnx", "model_O4.onnx", "model_qint8_avx512.onnx", "model_qint8_arm64.onnx"];
    const extra = Object.fromEntries(others.map((name, i) => [`onnx/${name}`, new Uint8Array(10 + i)]));
    const large = { ...files, ...extra, "onnx/model.onnx": graph, "onnx/model.onnx_data": weights };
    await withHub({ files: large }, async (hub) => {
      await using embedder = await onnxEmbedder({ model: await download(hub) });
      expect((await embedder.embed(["w4"], { kind: "query" })).count).toBe(1);
      const graphs = () => fetched(hub).flatMap((path) => /onnx\/[^ ]*/.exec(path)?.[0] ?? []);
      expect(graphs().sort()).toEqual(["onnx/model.onnx", "onnx/model.onnx_data"]);
      await download(hub, { graph: "model_fp16.onnx" });
      await download(hub, { quantized: true });
      expect(graphs().slice(2)).toEqual([
        "onnx/model_fp16.onnx",
        `onnx/model_qint8_${process.arch === "arm64" ? "arm64" : "avx512"}.onnx`,
      ]);
    });
  });
  it("says where nobody answers, where no hub does, and where one never ends", async () => {
    const gone = await hubServer({ model, files });
    await gone.close();
    const reached = downloadModel({ model, cacheDir, endpoint: gone.url, offline: false });
    await expect(reached).rejects.toThrow(
      /cannot be reached for made\/tiny at main \(.*ECONNREFUSED.*HF_HUB_OFFLINE=1/,
    );
    let body: string | undefined = "<html>Log in</html>";
    const server = createServer((_, response) => void (body === undefined ? response.write(" ") : response.end(body)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ask = () => downloadModel({ model, cacheDir, endpoint, offline: false, idle: 50 });
    try {
      for (body of ["<html>Log in</html>", "null", "[]", '{"sha":"../..","siblings":[]}']) {
        await expect(ask()).rejects.toThrow(
          "did not answer with a list of the files of made/tiny; is it the address of a hub?",
        );
      }
      body = undefined;
      await expect(ask()).rejects.toThrow("made/tiny at main: no byte within 0.05 s");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
  it("is shared by processes that fetch the same model at the same time", async () => {
    await withHub({ faults: { slow: 10 } }, async (hub) => {
      const script = `import { downloadModel } from "@rag-instruct/embed";
        await downloadModel(${JSON.stringify({ model, cacheDir, endpoint: hub.url, offline: false })});`;
      const args = ["--conditions=@rag-instruct/source", "--input-type=module", "-e", script];
      const other = () => promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
      await Promise.all([other(), other(), download(hub)]);
      const paths = fetched(hub).filter((path) => path.endsWith("model.onnx"));
      expect(paths).toHaveLength(1);
    });
  });
  it("is what onnxEmbedder does with owner/name, at the hub that the environment names", async () => {
    await withHub({}, async (hub) => {
      vi.stubEnv("HF_ENDPOINT", hub.url);
      vi.stubEnv("HF_TOKEN", "");
      vi.stubEnv("HF_HUB_OFFLINE", "0");
      try {
        const { id } = await onnxEmbedder({ model: join(folder, "model") });
        expect((await onnxEmbedder({ model, cacheDir })).id).toBe(id);
        await expect(onnxEmbedder({ model: "all-MiniLM-L6-v2", cacheDir })).rejects.toThrow(
          "has no sentence-transformers/all-MiniLM-L6-v2 at main",
        );
      } finally {
        vi.unstubAllEnvs();
      }
    });
  });
  it("reads a private model with the token", async () => {
    await withHub({ token: "hf_right" }, async (hub) => {
      expect(await download(hub, { token: "hf_right" })).toContain(hub.commit);
    });
  });
  it("refuses a listing that leads out of the cache", async () => {
    const evil = { ...files, "../../../../evil/config.json": new Uint8Array(3) };
    await withHub({ files: evil }, async (hub) => {
      await expect(download(hub)).rejects.toThrow("which leads elsewhere");
      expect(await readdir(folder)).not.toContain("evil");
    });
  });
});
