import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { onnxEmbedder } from "@rag-instruct/embed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../packages/embed/test/tiny-model.ts";
import { runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";
const guide = fileURLToPath(new URL("../docs/guides/wikipedia.md", import.meta.url));
const example = fileURLToPath(new URL("../examples/contriever-embeddings.ts", import.meta.url));
const count = 320;
const questions = ["w4 w9 w11", "Who designed the Pont du Gard?", "w5"];

// Published vectors in small: float16 pickles in a .tar, and what NumPy ranks by them.
const script = `import io, json, numpy as np, pickle, sys, tarfile
count, width = ${count}, int(sys.argv[2])
ids = [str(i + 1) for i in range(count)]
rows = np.random.default_rng(7).normal(size=(count, width)).astype("f2")
if sys.argv[1] == "make":
  with tarfile.open(f"wikipedia_embeddings-{width}.tar", "w") as tar:
    for i in range(4):
      part = slice(i * 80, i * 80 + 80)
      data = pickle.dumps((ids[part], rows[part]), protocol=4)
      info = tarfile.TarInfo(f"wikipedia_embeddings/passages_{i:02d}"); info.size = len(data)
      tar.addfile(info, io.BytesIO(data))
else:
  scores = np.array(json.load(sys.stdin)) @ rows.astype("f8").T
  json.dump([[ids[i] for i in order[:250]] for order in np.argsort(-scores, axis=1, kind="stable")], sys.stdout)`;

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const place = (name: string) => join(folder, name);
const numpy = (args: string[], input = "") =>
  execFileSync(python, ["-c", script, ...args], { cwd: folder, input, encoding: "utf8" });
const rankings = async (file: string): Promise<string[][]> =>
  (await readFile(place(file), "utf8"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line).ctxs as { id: string }[]).map(({ id }) => id));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wikipedia-"));
  if (!python) return;
  const rows = Array.from({ length: count }, (_, i) => {
    const [year, person] = [1500 + i, `Person ${i % 17}`];
    return `${i + 1}\t"In ${year} the ""bridge"" number ${i} was built by ${person}, who had lived near the river for ${i % 40} years."\tBridge ${i}\n`;
  });
  await writeFile(place("psgs_w100.tsv.gz"), gzipSync(`id\ttext\ttitle\n${rows.join("")}`));
  await writeFile(place("questions.jsonl"), questions.map((question) => `${JSON.stringify({ question })}\n`).join(""));
  await writeFile(place("exemplars.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
  // As an exported Contriever is: its files do not say how to pool.
  const unsaid = {
    "modules.json": undefined,
    "1_Pooling/config.json": undefined,
    "sentence_bert_config.json": undefined,
  };
  await writeTinyModel(place("models/contriever-msmarco"), { files: unsaid });
  numpy(["make", "4"]);
  numpy(["make", "32"]);
  execFileSync("mv", ["wikipedia_embeddings-4.tar", "wikipedia_embeddings.tar"], { cwd: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What NumPy ranks for the questions, whose vectors our model makes. */
async function expected(): Promise<string[][]> {
  const model = place("models/contriever-msmarco");
  await using embedder = await onnxEmbedder({ model, preset: "contriever-msmarco" });
  const { data } = await embedder.embed(questions, { kind: "query" });
  const vectors = questions.map((_, i) => [...data.subarray(i * 4, i * 4 + 4)]);
  return JSON.parse(numpy(["rank", "4"], JSON.stringify(vectors)));
}

describe.skipIf(!python)(
  "published vectors, from a .tar of pickles that Python makes (needs RAG_INSTRUCT_PYTHON)",
  () => {
    it("the guide's commands and its programs run as they stand, and rank as NumPy does to depth 250", async () => {
      const text = await readFile(guide, "utf8");
      const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
      for (const line of lines) {
        const [, ...args] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
        const { code, stderr } = await cli(...args);
        expect([line, code, code === 0 ? "" : stderr]).toEqual([line, 0, ""]);
      }
      expect(await rankings("ranked.jsonl")).toEqual(await expected());
      expect((await rankings("fused.jsonl")).map(({ length }) => length)).toEqual([250, 250, 250]);
      // What a run makes of them names the import, and is made of nothing else.
      const { stages } = JSON.parse((await cli("assemble", "wikipedia", "--json")).stdout);
      expect(stages.every(({ skipped }: { skipped: boolean }) => skipped)).toBe(true);
      expect(stages.find(({ name }: { name: string }) => name === "embed").counts).toEqual({
        passages: count,
        dimensions: 4,
      });

      const [program, another] = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!);
      await writeFile(place("guide.ts"), program!);
      await writeFile(place("another.ts"), another!);
      const inPlace = { cwd: folder };
      const run = (file: string, ...args: string[]) =>
        promisify(execFile)(process.execPath, ["--conditions=@rag-instruct/source", file, ...args], inPlace);
      const root = fileURLToPath(new URL("../examples/node_modules", import.meta.url));
      execFileSync("ln", ["-s", root, "node_modules"], inPlace);
      const [second] = (await expected()).slice(1);
      const titles = JSON.parse((await run("guide.ts")).stdout.replaceAll("'", '"'));
      expect(titles).toEqual(second!.slice(0, 10).map((id) => `Bridge ${Number(id) - 1}`));
      // The other model, of the same form here, by the file that holds it in int8.
      await writeTinyModel(place("all-MiniLM-L6-v2"));
      await rename(place("all-MiniLM-L6-v2/onnx/model.onnx"), place("all-MiniLM-L6-v2/onnx/model_quantized.onnx"));
      await run("another.ts");
      expect(JSON.parse(await readFile(place("embeddings-minilm/manifest.json"), "utf8"))).toMatchObject({ count });
      await rm(place("corpus.sqlite"));
      const { stdout } = await run(example);
      expect(stdout).toMatch(/^320 passages, 320 vectors of 4 numbers\n/);
    });

    it("of a run whose questions an endpoint embeds: no passage is sent to it, and errors name the file and what to do", async () => {
      await using server = await embeddingServer();
      const embeddings = { name: "e", baseUrl: server.url, dimensions: server.dimensions };
      const model = ["--set", `embeddings=${JSON.stringify(embeddings)}`];
      const narrow = await cli(
        "embed",
        "psgs_w100.tsv.gz",
        "--to",
        "served",
        ...model,
        "--import",
        "wikipedia_embeddings.tar",
      );
      expect([narrow.code, narrow.stderr]).toEqual([
        1,
        expect.stringMatching(/passages_00 has vectors of 4 dimensions, and the model .* gives 32; name the model/),
      ]);
      const made = await cli(
        "embed",
        "psgs_w100.tsv.gz",
        "--to",
        "served",
        ...model,
        "--import",
        "wikipedia_embeddings-*.tar",
      );
      expect([made.code, made.stdout], made.stderr).toEqual([
        0,
        expect.stringContaining("320 passages, 32 dimensions: served/embeddings/"),
      ]);
      await rm(place("wikipedia_embeddings-32.tar"));
      const args = ["--exemplars", "exemplars.jsonl", "--pairs", "2", "--total", "--retrieval", "dense"];
      const run = await cli("run", "served", ...args, "--set", "depth=210");
      expect([run.code, run.stderr.split("\n").at(-1)]).toEqual([0, ""]);
      expect(server.texts().filter((text) => /^Bridge \d+ In /.test(text))).toEqual([]);
      const lonely = await cli("embed", "psgs_w100.tsv.gz", "--to", "x", "--import", "wikipedia_embeddings.tar");
      expect([lonely.code, lonely.stderr]).toEqual([
        2,
        expect.stringContaining("--import needs the model that the vectors are by; name it with --embeddings"),
      ]);
    });
  },
);
