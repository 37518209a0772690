import { execFile } from "node:child_process";
import { appendFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Pair } from "@rag-instruct/core";
import { type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { type Config, ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { cliProgram, runCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";
import { hasTerminal, onTerminal } from "./support/terminal.ts";

let folder: string;
let server: FaultyServer;
const at = (...names: string[]) => join(folder, ...names);
const text = (path: string) => readFile(path, "utf8");

function config(to: string, other: Partial<Config> = {}): Config {
  return {
    to: at(to),
    corpus: { from: at("docs") },
    exemplars: at("open.jsonl"),
    pairs: { "single-doc-answer": 5 },
    model: { name: "m", baseUrl: server.url },
    prices: { m: { inputPerMillion: 100, outputPerMillion: 100 } },
    ...other,
  };
}

/** A copy of the finished run. */
async function copy(to: string): Promise<string> {
  await cp(at("whole"), at(to), { recursive: true });
  return at(to);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-data-"));
  server = await faultyServer({ reply: answerFromDocuments });
  await writeSmallCorpus(at("docs"), { pages: 60 });
  await writeSmallCorpus(at("others"), { pages: 40 });
  const exemplar = '{"question":"Who built the first lighthouse?","task":"open"}\n';
  await writeFile(at("open.jsonl"), exemplar);
  await writeFile(at("open2.jsonl"), exemplar.replace("first", "last"));
  await ragInstruct(config("whole"));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("a make that would replace finished, paid or reviewed data", () => {
  it.each<[string, () => Partial<Config>, RegExp]>([
    ["documents", () => ({ corpus: { from: at("others") } }), /since these documents are others/],
    ["length of passages", () => ({ corpus: { from: at("docs"), words: 50 } }), /passages would have another length/],
    ["exemplars", () => ({ exemplars: at("open2.jsonl") }), /the exemplars are others/],
    ["seed", () => ({ seed: 7 }), /the seed is another/],
    ["model", () => ({ model: { name: "n", baseUrl: server.url } }), /the model is another/],
    ["settings", () => ({ settings: { temperature: 0.1 } }), /the model's settings are others/],
    ["language", () => ({ language: "German" }), /the language is another/],
    ["paradigms", () => ({ pairs: { "useless-doc": 3 } }), /fewer pairs are wanted/],
  ])("says how much it would lose by other %s, and calls and changes nothing", async (what, other, cause) => {
    const to = `by-${what}`;
    const run = await copy(to);
    await writeFile(join(run, "reviews.jsonl"), '{"id":"a","verdict":"accepted"}\n{"id":"b","verdict":"rejected"}\n');
    const [before, { requests }] = [await text(join(run, "stages.json")), server.counts()];
    const refused = ragInstruct(config(to, other()));
    await expect(refused).rejects.toMatchObject({ code: "file-exists" });
    await expect(refused).rejects.toThrow(
      /would lose 5 pairs, \d+ replies paid for \(\$0\.\d+\) and 2 reviews, since .*--to, or replace it with --replace/,
    );
    await expect(refused).rejects.toThrow(cause);
    expect([await text(join(run, "stages.json")), server.counts().requests]).toEqual([before, requests]);
    expect(await text(join(run, "pairs.jsonl"))).toBe(await text(at("whole/pairs.jsonl")));
  });

  it("does so when it is allowed, by a word or by the answer to what would be lost", async () => {
    const run = await copy("allowed");
    const other = config("allowed", { model: { name: "n", baseUrl: server.url } });
    const asked: string[] = [];
    const no = (loss: string) => asked.push(loss) === 0;
    await expect(ragInstruct(other, { replace: no })).rejects.toMatchObject({ code: "file-exists" });
    expect(asked).toEqual([expect.stringMatching(/would lose 5 pairs and .*since the model is another$/)]);
    await ragInstruct(other, { replace: true });
    expect(new Set((await jsonl<Pair>(join(run, "pairs.jsonl"))).map(({ model }) => model))).toEqual(new Set(["n"]));
    // The replies of the first model are still there.
    const { requests } = server.counts();
    await ragInstruct(config("allowed"), { replace: () => true });
    expect(server.counts().requests).toBe(requests);
    expect(await text(join(run, "pairs.jsonl"))).toBe(await text(at("whole/pairs.jsonl")));
  });

  it("asks on a terminal, and elsewhere needs --replace", async (test) => {
    await copy("asked");
    const again = ["run", "asked", "--seed", "7", "--base-url", server.url, "--model", "m"];
    const { code, stderr } = await runCli(again, { cwd: folder });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/asked would lose 5 pairs .* replace it with --replace\n$/),
    ]);
    test.skip(!hasTerminal, "needs `script` of util-linux, for a terminal");
    const line = [process.execPath, "--conditions=@rag-instruct/source", cliProgram, ...again].join(" ");
    const no = await onTerminal(line, { cwd: folder, env: process.env, typed: [{ when: /Replace it\?/, keys: "n" }] });
    expect([no.code, await text(at("asked/pairs.jsonl"))]).toEqual([1, await text(at("whole/pairs.jsonl"))]);
    const yes = await onTerminal(line, { cwd: folder, env: process.env, typed: [{ when: /Replace it\?/, keys: "y" }] });
    expect(yes.code, yes.shown).toBe(0);
  });

  it("takes what comes from the same replies for no loss: more pairs, another check, ceiling or number of documents", async () => {
    await copy("grown");
    const more = { pairs: { "single-doc-answer": 8 }, budget: { usd: 5 }, duplicates: false, documents: 5 } as const;
    const { stages } = await ragInstruct(config("grown", more));
    expect(stages.find(({ name }) => name === "synthesize")?.counts.accepted).toBe(8);
    expect(stages.find(({ name }) => name === "ingest")?.skipped).toBe(true);
  });

  it("counts nothing that the offline model wrote, nor passages alone", async () => {
    await ragInstruct(config("tried", { model: "offline" }));
    await ragInstruct(config("tried"));
    await ragInstruct(config("passages"), { until: "index" });
    await ragInstruct(config("passages", { corpus: { from: at("others") } }), { until: "index" });
  });

  it("counts the replies of a run that was stopped before its first pair was kept", async () => {
    const controller = new AbortController();
    await using stopping = await faultyServer({
      reply(request) {
        if (stopping.counts().requests > 2) controller.abort();
        return answerFromDocuments(request);
      },
    });
    const model = { name: "m", baseUrl: stopping.url };
    const options = { signal: controller.signal };
    await expect(ragInstruct(config("stopped", { model, concurrency: 1 }), options)).rejects.toThrow();
    const { requests } = stopping.counts();
    const others = ragInstruct(config("stopped", { model, corpus: { from: at("others") } }), { until: "ingest" });
    await expect(others).rejects.toThrow(
      /stopped would lose \d+ repl(y|ies) paid for .*since these documents are others/,
    );
    const warmer = ragInstruct(config("stopped", { model, settings: { temperature: 1 } }));
    await expect(warmer).rejects.toThrow(/stopped would lose \d+ repl(y|ies) paid for/);
    expect(stopping.counts().requests).toBe(requests);
    await ragInstruct(config("stopped", { model }));
  });

  it("counts the vectors of another embedding model", async () => {
    await using embeddings = await embeddingServer();
    const by = (name: string) => ({ name, baseUrl: embeddings.url, dimensions: embeddings.dimensions });
    await ragInstruct(config("dense", { embeddings: by("words") }), { until: "embed" });
    const other = ragInstruct(config("dense", { embeddings: by("others") }), { until: "embed" });
    await expect(other).rejects.toThrow(
      /dense would lose the vectors of \d+ passages, since the embedding model is another/,
    );
  });

  it("leaves alone what no run here has made", async () => {
    await cp(at("whole/train.jsonl"), at("mine/train.jsonl"));
    const own = await text(at("mine/train.jsonl"));
    const run = ragInstruct(config("mine"));
    await expect(run).rejects.toThrow(/mine\/train\.jsonl was not made by a run here, and assemble would replace it/);
    expect(await text(at("mine/train.jsonl"))).toBe(own);
    await copy("torn");
    await writeFile(at("torn/stages.json"), "{");
    await expect(ragInstruct(config("torn"))).rejects.toThrow(/torn\/corpus\.sqlite was not made by a run here/);
  });
});

describe("outputs that were edited by hand", () => {
  const withoutLast = (lines: string) => lines.slice(0, lines.trimEnd().lastIndexOf("\n") + 1);
  it.each([
    ["exemplars.jsonl", "exemplars", (lines: string) => lines.replace("first", "second")],
    ["plan.jsonl", "plan", withoutLast],
    ["pairs.jsonl", "synthesize", withoutLast],
    ["rejected.jsonl", "synthesize", (lines: string) => `${lines}{}\n`],
    ["train.jsonl", "assemble", withoutLast],
    ["noise.json", "assemble", (json: string) => `${json}\n`],
    ["exports/README.md", "export", (card: string) => `${card}\nMine.\n`],
    ["exports/messages.jsonl", "export", withoutLast],
    ["manifest.json", "manifest", (json: string) => `${json}\n`],
  ])("%s is noticed by every make and refused by name", async (name, stage, edit) => {
    const to = `edited-${name.replace("/", "-")}`;
    const file = join(await copy(to), name);
    const edited = edit(await text(file));
    await writeFile(file, edited);
    for (const other of [{}, { seed: 7 }]) {
      const refused = ragInstruct(config(to, other));
      await expect(refused).rejects.toMatchObject({ code: "file-exists" });
      await expect(refused).rejects.toThrow(`${file} was changed since ${stage} made it`);
      await expect(refused).rejects.toThrow(/--replace$/);
    }
    expect(await text(file)).toBe(edited);
    await ragInstruct(config(to), { replace: true });
    expect(await text(file)).toBe(await text(at("whole", name)));
  });

  it("a stage that was killed while it put its outputs in place is no edit", async () => {
    const run = await copy("killed");
    const stages = JSON.parse(await text(join(run, "stages.json")));
    stages.synthesize.state = "replacing";
    await writeFile(join(run, "stages.json"), JSON.stringify(stages));
    await appendFile(join(run, "pairs.jsonl"), "{}\n");
    await ragInstruct(config("killed"));
    expect(await text(join(run, "pairs.jsonl"))).toBe(await text(at("whole/pairs.jsonl")));
  });

  it("a file that was taken away is made anew", async () => {
    const run = await copy("taken");
    await rm(join(run, "train.jsonl"));
    await ragInstruct(config("taken"));
    expect(await text(join(run, "train.jsonl"))).toBe(await text(at("whole/train.jsonl")));
  });
});

describe("a disk that is full (a limit of the system on the size of files)", () => {
  /** Runs the command line while no file may grow beyond so many KiB. */
  const within = (kibibytes: number, ...args: string[]) =>
    promisify(execFile)(
      "bash",
      [
        ...["-c", `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$@"`, "bash", process.execPath],
        ...["--conditions=@rag-instruct/source", cliProgram, ...args],
      ],
      { cwd: folder },
    ).then(
      () => 0,
      ({ code, stderr }) => [code, stderr],
    );

  it.skipIf(process.platform === "win32")(
    "ends in one line, and nothing that was finished or paid for is lost",
    async () => {
      const run = await copy("full");
      const before = await Promise.all(
        ["pairs.jsonl", "train.jsonl", "exports/messages.jsonl"].map((name) => text(join(run, name))),
      );
      const more = [
        "run",
        "full",
        "--pairs",
        "12",
        "--paradigm",
        "single-doc-answer",
        "--base-url",
        server.url,
        "--model",
        "m",
      ];
      const { size } = await stat(join(run, "ledger.jsonl"));
      // The ledger takes a few replies more, and then none.
      const failed = await within(Math.ceil(size / 1024) + 1, ...more);
      expect(failed).toEqual([1, expect.stringMatching(/^error: cannot write .*\n$/m)]);
      const after = await Promise.all(
        ["pairs.jsonl", "train.jsonl", "exports/messages.jsonl"].map((name) => text(join(run, name))),
      );
      expect(after).toEqual(before);
      expect((await readdir(run, { recursive: true })).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      const { code, stderr } = await runCli(more, { cwd: folder });
      expect(code, stderr).toBe(0);
      const keys = (await jsonl<{ key: string }>(join(run, "ledger.jsonl"))).map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(await jsonl(join(run, "pairs.jsonl"))).toHaveLength(12);
    },
  );
});
