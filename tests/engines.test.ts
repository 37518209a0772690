import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faissModule, oneThread } from "../packages/retrieve/test/faiss-library.ts";
import { runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let server: Awaited<ReturnType<typeof embeddingServer>>;
const cli = (...args: string[]) => runCli(args, { cwd: folder, env: oneThread });
const question = "Who painted the lighthouse near the harbour?";
const found = async (run: string, ...more: string[]) => {
  const { stdout, stderr } = await cli("search", question, "--to", run, "--retrieval", "dense", "--json", ...more);
  expect(stderr).toBe("");
  return (JSON.parse(stdout).ctxs as { id: string }[]).map(({ id }) => id);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engines-"));
  server = await embeddingServer();
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  const { url: baseUrl, dimensions } = server;
  const config = { corpus: { from: "docs" }, embeddings: { name: "words", baseUrl, dimensions } };
  await writeFile(join(folder, "rag-instruct.config.json"), JSON.stringify(config));
  expect(await cli("index", "--to", "exact")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("the engine that searches a run's vectors", () => {
  it.each([
    ["usearch", [] as string[]],
    ...(faissModule ? [["faiss", ["--set", `retrieval.library=${faissModule}`]] as [string, string[]]] : []),
  ])("%s builds its index as a stage, is kept with the run, and finds what exact search finds", async (name, more) => {
    const made = await cli("index", "--to", name, "--engine", name, ...more);
    expect([made.code, made.stderr]).toEqual([0, expect.stringMatching(/^engine .*\d+ vectors/m)]);
    expect(JSON.parse(await readFile(join(folder, name, "settings.json"), "utf8")).retrieval).toMatchObject({
      ...{ kind: "hybrid", engine: name },
    });
    expect(await found(name)).toEqual(await found("exact"));
    const again = await cli("index", name, "--json");
    expect(JSON.parse(again.stdout).stages.every(({ skipped }: { skipped: boolean }) => skipped)).toBe(true);
    // A run that has no such index yet says how it is made.
    const lacking = await cli("search", question, "--to", "exact", "--engine", name, ...more);
    expect([lacking.code, lacking.stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`exact has no index of its engine yet; make it with: .* --engine ${name}`)),
    ]);
  });

  it("whose library is not there stops a run before anything is embedded, and doctor knows it", async () => {
    const asked = server.requests();
    const { code, stderr } = await cli("index", "--to", "lacking", "--engine", "faiss");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/faiss-node is installed, but .* as retrieval\.library/)]);
    expect(server.requests()).toBe(asked);
    const doctor = await cli("doctor", "--engine", "faiss", "--json");
    const of = (text: string) =>
      (JSON.parse(text).checks as { name: string; status: string; mend?: string }[]).find(
        ({ name }) => name === "engine",
      );
    expect(of(doctor.stdout)).toMatchObject({
      ...{
        status: "failed",
        mend: expect.stringMatching(/retrieval\.library, or search all vectors by --engine exact/),
      },
    });
    expect(of((await cli("doctor", "--engine", "usearch", "--json")).stdout)).toMatchObject({ status: "ok" });
    expect(
      of((await cli("doctor", "--set", "retrieval.library=none.node", "retrieval.engine=faiss", "--json")).stdout),
    ).toMatchObject({
      status: "failed",
      found: expect.stringContaining("none.node is not there; mend retrieval.library"),
    });
  });

  it.each([
    [
      ["--engine", "pgvector"],
      /^error: --engine pgvector: .*|the engine "pgvector" needs a PostgreSQL with pgvector 0\.8; name it with --postgres/,
    ],
    [["--engine", "fais"], /--engine: retrieval\.engine: "fais" is not one of .*; did you mean "faiss"\?/],
    [
      ["--engine", "usearch", "--set", "retrieval.nprobe=3"],
      /nprobe is an option of "faiss", and the engine is "usearch"/,
    ],
  ])("%j is refused in a line", async (flags, message) => {
    const { code, stderr } = await cli("index", "--to", "refused", ...flags);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

it("a retriever of one's own in a config ranks in place of any index, for plan and noise", async () => {
  const asked: { limit: number; skip: number }[] = [];
  const passages = Array.from({ length: 260 }, (_, i) => ({
    ...{ id: `own-${i}`, title: `Room ${i}` },
    text: `Room ${i} of the house has ${2 + i} windows, and its heater was serviced in week ${i} by ${i % 2 ? "Ann" : "Ben"}.`,
  }));
  const retriever = {
    id: "own",
    async retrieve(queries: readonly string[], { limit, skip = 0 }: { limit: number; skip?: number }) {
      asked.push({ limit, skip });
      return queries.map(() => passages.map((passage, i) => ({ passage, score: -i, rank: i + 1 })).slice(skip, limit));
    },
  };
  const to = join(folder, "own");
  const corpus = { from: join(folder, "docs") };
  const summary = await ragInstruct({ to, corpus, retriever, pairs: { total: 4 } });
  expect(summary.stages.map(({ name }) => name)).toEqual([
    "ingest",
    "exemplars",
    "plan",
    "synthesize",
    "assemble",
    "export",
    "report",
    "manifest",
  ]);
  expect(asked.some(({ limit }) => limit === 250)).toBe(true);
  const [first] = (await readFile(join(to, "train.jsonl"), "utf8")).split("\n");
  const roles = JSON.parse(first!).documents as { id: string; role: string }[];
  expect(roles.filter(({ role }) => role === "noise").every(({ id }) => id.startsWith("own-"))).toBe(true);
  await expect(ragInstruct({ to, corpus, retriever, retrieval: "bm25" })).rejects.toThrow(/ranks by itself; leave out/);
});
