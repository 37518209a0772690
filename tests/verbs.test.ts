import { spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TrainingExample, wholeSpending } from "@rag-instruct/core";
import { hashFile } from "@rag-instruct/core/node";
import { type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../packages/core/test/children.ts";
import { commands } from "../packages/rag-instruct/src/cli/commands.ts";
import { answerFromDocuments } from "./support/answering-model.ts";
import { cliProgram, runCli, startCli } from "./support/cli.ts";
import { embeddingServer } from "./support/embedding-server.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
let server: FaultyServer;
const cli = (...args: string[]) => runCli(args, { cwd: folder });
const made = () => ["--base-url", server.url, "--model", "m"];

/** Every file of a run folder with its hash, of the settings what they say; but those named. */
async function filesOf(run: string, but: readonly string[] = []): Promise<Record<string, unknown>> {
  const entries = await readdir(join(folder, run), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Record<string, unknown> = {};
  for (const path of paths.sort()) {
    const name = path.slice(join(folder, run).length + 1);
    if (but.some((other) => name.startsWith(other))) continue;
    files[name] = name === "settings.json" ? JSON.parse(await readFile(path, "utf8")) : (await hashFile(path)).sha256;
  }
  return files;
}

async function setModes(path: string, modes: { file: number; folder: number }): Promise<void> {
  await chmod(path, modes.folder);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await setModes(join(path, entry.name), modes);
    else await chmod(join(path, entry.name), modes.file);
  }
}

/** A run that is stopped while it writes pairs: it has a plan and a ledger, and no pairs. */
async function stoppedRun(run: string): Promise<void> {
  await using slow = await faultyServer({ reply: answerFromDocuments, latency: 150 });
  const args = ["run", "docs", "--to", run, "--pairs", "20", "--base-url", slow.url, "--model", "m"];
  const { child, result } = startCli([...args, "--concurrency", "2"], { cwd: folder });
  await until(() => slow.counts().requests >= 6, { child });
  child.kill("SIGKILL");
  await result;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "verbs-"));
  server = await faultyServer({ reply: answerFromDocuments });
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
  await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
  const args = ["--exemplars", "open.jsonl", "--paradigm", "single-doc-answer", "--pairs", "5", ...made()];
  const { code, stderr } = await cli("run", "docs", "--to", "whole", ...args);
  expect(code, stderr).toBe(0);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("a command that looks or gives out", () => {
  it.each(["report", "export"])(
    "%s takes a positional that is a run as one: no calls, no other data",
    async (command) => {
      await cp(join(folder, "whole"), join(folder, "named"), { recursive: true });
      const [before, { requests }] = [await filesOf("named"), server.counts()];
      const { code, stderr } = await cli(command, "named");
      expect([code, stderr]).toEqual([0, expect.stringContaining("(unchanged)")]);
      expect(await readdir(folder)).not.toContain("run");
      expect([await filesOf("named"), server.counts().requests]).toEqual([before, requests]);
      await rm(join(folder, "named"), { recursive: true });
    },
  );

  it("shows of a stopped run what there is, and gives out nothing of it: no calls, no change", async () => {
    await stoppedRun("stopped");
    const before = await filesOf("stopped");
    await using watched = await faultyServer({ reply: answerFromDocuments });
    const env = { OPENAI_API_KEY: "sk-none", OPENAI_BASE_URL: watched.url };
    const report = await runCli(["report", "--to", "stopped", "--json"], { cwd: folder, env });
    expect([report.code, JSON.parse(report.stdout).stages[0].counts]).toEqual([0, { examples: 0, "not accepted": 0 }]);
    expect(await readFile(join(folder, "stopped/report.html"), "utf8")).toMatch(/0 of 20 wanted/);
    const exported = await runCli(["export", "stopped"], { cwd: folder, env });
    expect([exported.code, exported.stderr]).toEqual([
      1,
      expect.stringMatching(/stopped has no training examples yet.*rag-instruct assemble stopped/),
    ]);
    expect(await filesOf("stopped", ["report.html", "set-report.json"])).toEqual(before);
    expect(watched.counts().requests).toBe(0);
  });

  it("gives out and reports anew what has changed, without the documents", async () => {
    await cp(join(folder, "whole"), join(folder, "alone"), { recursive: true });
    const settings = JSON.parse(await readFile(join(folder, "alone/settings.json"), "utf8"));
    settings.corpus.from = [join(folder, "gone")];
    await writeFile(join(folder, "alone/settings.json"), JSON.stringify(settings));
    const { requests } = server.counts();
    const exported = await cli("export", "alone", "--set", 'exports=["messages"]', "--json");
    expect(JSON.parse(exported.stdout).stages[0].counts).toMatchObject({ formats: 1 });
    await rm(join(folder, "alone/report.html"));
    expect(await cli("report", "alone")).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, "alone/report.html"), "utf8")).toBe(
      await readFile(join(folder, "whole/report.html"), "utf8"),
    );
    expect((await cli("search", "alone", "the harbour")).stdout).toContain("harbour");
    expect(await cli("ask", "alone", "Who painted the bridge?", ...made())).toMatchObject({ code: 0 });
    expect(server.counts().requests).toBe(requests + 1);
  });

  it("search neither embeds nor keeps what it was asked with, and says who embedded the run", async () => {
    await using embeddings = await embeddingServer();
    const choice = (name: string) =>
      `embeddings=${JSON.stringify({ name, baseUrl: embeddings.url, dimensions: embeddings.dimensions })}`;
    await cli("index", "docs", "--to", "dense", "--set", choice("words"));
    const [before, requests] = [await filesOf("dense"), embeddings.requests()];
    const other = await cli("search", "the harbour", "--to", "dense", "--set", choice("others"));
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/dense was embedded by .*words.*not by others/),
    ]);
    expect(await cli("search", "the harbour", "--to", "dense", "--retrieval", "bm25")).toMatchObject({ code: 0 });
    expect([await filesOf("dense"), embeddings.requests()]).toEqual([before, requests]);
    expect(await cli("search", "the harbour", "--to", "dense")).toMatchObject({ code: 0 });
    // One for the question.
    expect(embeddings.requests()).toBe(requests + 1);
  });

  it.each<[string[], RegExp]>([
    [["report", "docs"], /docs is no run folder; report takes the folder of a run, and no documents/],
    [["export", "whole", "open.jsonl"], /open\.jsonl is no run folder; export takes/],
    [["assemble", "whole/pairs.jsonl", "--to", "whole"], /whole\/pairs\.jsonl is no run folder; assemble takes/],
    [["search", "docs", "the harbour"], /docs is neither a run folder nor a question.*rag-instruct index docs/],
    [["ask", "the harbour", "docs"], /docs is neither a run folder nor a question/],
    [
      ["search", "the harbour", "--set", "corpus.from=docs"],
      /corpus\.from=docs names documents, and search reads a run/,
    ],
    [["search", "the harbour", "a bridge"], /are two questions/],
    [["report", "whole", "--to", "docs"], /whole and docs are two run folders/],
    [["init", "whole"], /whole is a run folder.*rag-instruct run whole/],
  ])("%j is refused by name, and nothing is touched", async (args, message) => {
    const before = await filesOf("whole");
    const { code, stdout, stderr } = await cli(...args);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
    expect(await filesOf("whole")).toEqual(before);
    expect(await readdir(folder)).not.toContain("run");
  });
});

describe("runs as they stand, and what is given out of them", () => {
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli(...args, "--json");
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  type Status = { stages: { name: string; state: string; why?: string }[]; unchecked?: string };
  const notDone = ({ stages }: Status) =>
    Object.fromEntries(stages.filter(({ state }) => state !== "done").map(({ name, why }) => [name, why]));

  it("status says what the next run makes again and why, what was counted and spent, and touches nothing", async () => {
    const [before, { requests }] = [await filesOf("whole"), server.counts()];
    const whole = await json("status", "whole");
    expect([notDone(whole), whole.unchecked]).toEqual([{}, undefined]);
    expect(wholeSpending(whole.cost)).toMatchObject({ replies: expect.any(Number) });
    expect(wholeSpending(whole.cost).replies).toBeGreaterThan(4);
    expect(whole.stages.find(({ name }: { name: string }) => name === "synthesize").counts).toMatchObject({
      accepted: 5,
    });
    const text = (await cli("status", "whole")).stdout;
    expect(text).toMatch(/✓ ingest +60 documents.*\n(?:.*\n)*?.*The next run would change nothing\./);
    const seeded = notDone(await json("status", "whole", "--set", "seed=2"));
    expect(seeded).toMatchObject({ plan: "seed 1 → 2", synthesize: "plan comes before it" });
    expect(Object.keys(seeded)).not.toContain("ingest");
    expect([await filesOf("whole"), server.counts().requests]).toEqual([before, requests]);
  });

  it("status names what was changed by hand, and goes by the records where documents are gone", async () => {
    await cp(join(folder, "whole"), join(folder, "edited"), { recursive: true });
    const pairs = join(folder, "edited/pairs.jsonl");
    await writeFile(pairs, (await readFile(pairs, "utf8")).split("\n").slice(1).join("\n"));
    expect(notDone(await json("status", "edited"))).toMatchObject({ synthesize: "pairs.jsonl was changed by hand" });
    const settings = JSON.parse(await readFile(join(folder, "edited/settings.json"), "utf8"));
    settings.corpus.from = [join(folder, "gone")];
    await writeFile(join(folder, "edited/settings.json"), JSON.stringify(settings));
    const gone = await json("status", "edited");
    expect([notDone(gone).ingest, gone.unchecked]).toEqual([undefined, expect.stringContaining("gone is not there")]);
  });

  it("diff says how two runs differ, and nothing of one against itself", async () => {
    await cp(join(folder, "whole"), join(folder, "other"), { recursive: true });
    const args = ["--exemplars", "open.jsonl", "--paradigms", "single-doc-answer", "--set", "seed=3", ...made()];
    const { code, stderr } = await cli("run", "docs", "--to", "other", "--replace", "--pairs", "6", "--each", ...args);
    expect(code, stderr).toBe(0);
    const before = await filesOf("other");
    const itself = await json("diff", "whole", "whole");
    expect(itself).toMatchObject({
      settings: [],
      pairs: { inBoth: 5, onlyFirst: { count: 0 }, onlySecond: { count: 0 } },
    });
    const found = await json("diff", "whole", "other");
    expect(found.settings).toEqual(
      expect.arrayContaining([
        { path: "seed", values: [1, 3] },
        { path: "pairs.single-doc-answer", values: [5, 6] },
      ]),
    );
    const [first, second] = found.counts["single-doc-answer"];
    expect([first.accepted, second.accepted]).toEqual([5, 6]);
    expect(found.pairs.inBoth + found.pairs.onlySecond.count).toBe(6);
    expect(found.pairs.inBoth + found.pairs.onlyFirst.count).toBe(5);
    const text = (await cli("diff", "whole", "other", "--limit", "1")).stdout;
    expect(text).toMatch(/seed {2}1 → 3\n(?:.*\n)*?.*single-doc-answer: accepted {2}5 → 6\n/);
    expect(text).toMatch(/\nCost\n {2}write {2}5 replies, [\d,]+ tokens → 6 replies, [\d,]+ tokens\n/);
    expect(text).toMatch(/\nVariety\n(?: .*\n)*? {2}of the corpus written from {2}1% → 2%\n/);
    expect(await filesOf("other")).toEqual(before);
  });

  it("split and recipe give out parts that share nothing, spend nothing, and write over nothing else", async () => {
    await cp(join(folder, "whole"), join(folder, "parted"), { recursive: true });
    const [before, { requests }] = [await filesOf("parted"), server.counts()];
    const tied = await cli("split", "parted");
    expect([tied.code, tied.stderr]).toEqual([2, expect.stringMatching(/must stay together.*--keep-apart sources/)]);
    const shares = ["--shares", "train=0.6,test=0.4", "--keep-apart", "sources", "--near", "1"];
    const { counts } = await json("split", "--run", "parted", ...shares);
    const rows = async (part: string) =>
      (await readFile(join(folder, `parted/splits/${part}.jsonl`), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const [train, test] = [await rows("train"), await rows("test")];
    expect([counts.train, counts.test, train.length + test.length]).toEqual([train.length, test.length, 5]);
    const sources = (examples: TrainingExample[]) =>
      examples.flatMap(({ documents }) => documents.filter(({ role }) => role === "source").map(({ id }) => id));
    expect(sources(train).filter((id) => sources(test).includes(id))).toEqual([]);
    expect((await json("split", "parted", ...shares)).counts).toEqual(counts);
    const others = await cli("split", "parted", ...shares, "--seed", "9");
    expect([others.code, others.stderr]).toEqual([
      1,
      expect.stringMatching(/parted\/splits holds something else already/),
    ]);
    expect((await cli("split", "parted", ...shares, "--seed", "9", "--replace")).code).toBe(0);

    const recipe = await json("recipe", "parted", "--framework", "accelerate", "--base", "org/model", "--epochs", "2");
    expect([recipe.from, recipe.data.examples]).toEqual(["parted/splits/train.jsonl", (await rows("train")).length]);
    expect(await readdir(join(folder, "parted/recipes/accelerate-deepspeed"))).toEqual(
      expect.arrayContaining(["README.md", "train.py", "data"]),
    );
    const changed = [
      "--layouts",
      "epoch",
      "--epochs",
      "2",
      "--long",
      "drop",
      "--max-length",
      "2048",
      "--per-device",
      "1",
    ];
    const base = await json("recipe", "parted", "--base", "org/Llama-3.1-8B", "--output", "based", ...changed);
    expect([base.family, base.data.files[0].examples]).toEqual(["llama3", 2 * base.data.examples]);
    expect(await readFile(join(folder, "based/train.py"), "utf8")).toMatch(
      /num_train_epochs=2,\n.*batch_size=1,\n.*\n +max_length=2048,[\s\S]*default="drop"[\s\S]*default="llama3"/,
    );
    expect((await cli("recipe", "parted", "--framework", "trl", "--base", "m", "--output", "trained")).code).toBe(0);
    expect(await readdir(folder)).toContain("trained");
    expect((await cli("recipe", "parted", "--base", "m", "--output", "trained")).stderr).toMatch(
      /trained is not empty/,
    );
    // Parts of examples that have been made anew, or of a division that did not end, are no parts of these.
    await cp(join(folder, "parted"), join(folder, "stale"), { recursive: true });
    const examples = await readFile(join(folder, "stale/train.jsonl"), "utf8");
    await writeFile(join(folder, "stale/train.jsonl"), examples.split("\n").slice(1).join("\n"));
    const refused = async (what: string) => {
      for (const args of [
        ["recipe", "stale", "--base", "m", "--output", "none"],
        ["eval", "--run", "stale", ...made()],
      ])
        expect((await cli(...args)).stderr).toContain(
          `stale/splits ${what}; divide them again with: rag-instruct split stale`,
        );
    };
    await refused("divides other examples than there are now");
    await rm(join(folder, "stale/splits/splits.json"));
    await refused("was not written to its end");
    expect([await filesOf("parted", ["splits/", "recipes/"]), server.counts().requests]).toEqual([before, requests]);
  });

  it("eval asks the held-out examples of a run, or those of a file, and scores them by paradigm", async () => {
    const none = await cli("eval", "--run", "whole", ...made());
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringMatching(/whole has no held-out examples.*rag-instruct split whole/),
    ]);
    await cp(join(folder, "whole"), join(folder, "measured"), { recursive: true });
    const shares = ["--shares", "train=0.6,test=0.4", "--keep-apart", "sources", "--near", "1"];
    const { counts } = await json("split", "measured", ...shares);
    const [before, asked] = [await filesOf("measured"), server.counts().requests];
    const run = await json("eval", "--run", "measured", "--output", "held", ...made());
    expect(server.counts().requests).toBe(asked + counts.test);
    expect(run.benchmarks).toEqual([
      expect.objectContaining({ benchmark: "held-out", asked: counts.test, answered: counts.test, failed: [] }),
    ]);
    // The same items by the name of their file; replies of the report's folder are not paid for twice.
    const { requests } = server.counts();
    const file = await json("eval", "measured/splits/test.jsonl", "--to", "held", ...made());
    expect([file.benchmarks, server.counts().requests]).toEqual([run.benchmarks, requests]);
    expect(await filesOf("measured")).toEqual(before);
  });
});

describe("a command that makes", () => {
  it.each(["ingest", "index", "synthesize", "assemble", "run", "verify", "doctor"])(
    "%s takes a positional that is a run as one, with its own settings",
    async (command) => {
      const [before, { requests }] = [await filesOf("whole", ["verified"]), server.counts()];
      const { code, stderr, stdout } = await cli(command, "whole");
      expect(code, stderr + stdout).toBe(0);
      expect(await filesOf("whole", ["verified"])).toEqual(before);
      expect(await readdir(folder)).not.toContain("run");
      if (command !== "doctor") expect(server.counts().requests).toBe(requests);
    },
  );

  it("refuses a run beside documents", async () => {
    const both = await cli("ingest", "whole", "docs");
    expect([both.code, both.stderr]).toEqual([2, expect.stringMatching(/whole is a run folder.*name docs alone/)]);
  });

  it("keeps its settings when it has succeeded, so that one that failed changes nothing for those after it", async () => {
    await cli("index", "docs", "--to", "sound");
    const before = await readFile(join(folder, "sound/settings.json"), "utf8");
    await writeFile(join(folder, "blank.md"), " \n");
    for (const args of [
      ["ingest", "blank.md"],
      ["ingest", "nowhere"],
      ["embed", "docs", "--embeddings", "./no-model"],
      ["synthesize", "docs", "--exemplars", "nowhere.json"],
    ]) {
      const failed = await cli(...args, "--to", "sound");
      expect(failed.code, failed.stderr).toBe(1);
      expect(await readFile(join(folder, "sound/settings.json"), "utf8")).toBe(before);
    }
    expect((await cli("search", "the harbour", "--to", "sound")).stdout).toContain("harbour");
    await cli("synthesize", "docs", "--to", "never", "--exemplars", "nowhere.json");
    expect(await readdir(join(folder, "never"))).not.toContain("settings.json");
  });
});

describe("assemble with --corpus", () => {
  it("gives pairs made elsewhere noise from documents, says where a small corpus relaxes the rank, and leaves what is there", async () => {
    const passage = {
      id: 7,
      title: "Elsewhere",
      text: "The tower of Elsewhere was painted by Nils in 1912.",
      socre: 1.2,
    };
    const generated = {
      "q*": "Who painted the tower of Elsewhere?",
      "a*": "Nils",
      context: [passage],
      task: "Single-Doc Answer",
    };
    await mkdir(join(folder, "generated"));
    await writeFile(join(folder, "generated/output_0.json"), JSON.stringify(generated));
    const plain = { question: "When was it painted?", answer: "in 1912", documents: [passage.text] };
    await writeFile(join(folder, "generated/output_1.json"), JSON.stringify({ ...plain, context: undefined }));
    const { code, stdout, stderr } = await cli(
      ...["assemble", "generated", "--corpus", "docs", "--to", "foreign", "--set", "beyond=400", "depth=450"],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      "2 examples, 0 rejected, 0 failed, 2 source documents, 18 noise documents: foreign/train.jsonl",
    );
    expect(stderr).toMatch(
      /note: 18 of 18 noise documents come from the first 400 ranks .*: 18 because the corpus has too few passages\. More/,
    );
    const [first, second] = await jsonl<TrainingExample>(join(folder, "foreign/train.jsonl"));
    expect([first!.paradigm, first!.question, first!.answer, first!.sourceIds]).toEqual([
      ...["single-doc-answer", generated["q*"], "Nils"],
      ["7"],
    ]);
    expect([second!.paradigm, second!.documents.length]).toEqual(["unstated", 10]);
    expect((await cli("export", "foreign", "--set", 'exports=["messages"]')).code).toBe(0);
    const again = await cli("assemble", "foreign");
    expect([again.code, again.stdout]).toEqual([0, stdout]);
    await writeFile(join(folder, "others.json"), JSON.stringify([{ ...generated, "a*": "Ove" }]));
    const others = await cli("assemble", "others.json", "--corpus", "docs", "--to", "foreign");
    expect([others.code, others.stderr]).toEqual([
      1,
      expect.stringMatching(/would lose 2 pairs, since these pairs are others/),
    ]);
    await writeFile(join(folder, "bad.jsonl"), `${JSON.stringify(generated)}\n{"q*":"Q?","a*":null}\n`);
    const bad = await cli("assemble", "bad.jsonl", "--corpus", "docs", "--to", "worse");
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringMatching(/bad\.jsonl:2: a pair needs a `a\*` with text/)]);
    expect(await cli("assemble", "--corpus", "docs")).toMatchObject({ code: 2 });
  });

  it("takes a run for a corpus and the pairs of a run, and indexes nothing anew", async () => {
    const { code, stderr } = await cli("assemble", "whole", "--corpus", "whole", "--to", "borrowed");
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^index .*\(unchanged\)$/m);
    const [ours, theirs] = [await filesOf("borrowed"), await filesOf("whole")];
    for (const name of ["pairs.jsonl", "train.jsonl", "corpus.sqlite"]) expect(ours[name]).toEqual(theirs[name]);
  });
});

it("status and a dry run say that the documents are gone, and go by what was made of them", async () => {
  await cp(join(folder, "docs"), join(folder, "passing"), { recursive: true });
  await cp(join(folder, "open.jsonl"), join(folder, "passing.jsonl"));
  const asked = ["--exemplars", "passing.jsonl", "--paradigm", "single-doc-answer", "--pairs", "2", "--each"];
  await cli("run", "passing", "--to", "without", ...asked, ...made());
  await rm(join(folder, "passing"), { recursive: true });
  await rm(join(folder, "passing.jsonl"));
  const status = await cli("status", "without");
  expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/^The next run would change nothing\.$/m)]);
  expect(status.stdout).toMatch(/^Not checked: .*passing is not there.*; what was made of it is taken as it is\.$/m);
  const dry = await cli("run", "without", "--pairs", "4", "--each", "--paradigm", "single-doc-answer", "--dry-run");
  expect(dry.code, dry.stderr).toBe(0);
  expect(dry.stdout).toMatch(/^ {2}ingest +unchanged, will be skipped$/m);
  expect(dry.stdout).toMatch(/^ {2}synthesize +4 pairs/m);
  expect(dry.stdout).toMatch(
    /^Gone since it was read: .*passing is not there.*; what was made of it is taken as it is\.$/m,
  );
  const other = await cli("run", "elsewhere", "--to", "without", "--dry-run");
  expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/error: .*elsewhere/)]);
});

it("what is given out has the documents of its run, whatever a config beside it says, and a run without success is compared by what it was asked", async () => {
  const beside = join(folder, "beside");
  await mkdir(beside);
  const here = (...args: string[]) => runCli(args, { cwd: beside });
  await writeFile(
    join(beside, "rag-instruct.config.ts"),
    `export default { to: "run", corpus: { from: "../docs" } };\n`,
  );
  const asked = ["--exemplars", "../open.jsonl", "--paradigm", "single-doc-answer", "--pairs", "2", ...made()];
  const made4 = await here("run", "--n-docs", "4", ...asked);
  expect(made4.code, made4.stderr).toBe(0);
  const given = await here("export", "--set", 'exports=["messages"]');
  expect(given.code, given.stderr).toBe(0);
  const recipe = await here("recipe", "--base", "m");
  expect(recipe.code, recipe.stderr).toBe(0);
  await here("run", "../docs", "--to", "failed", ...asked, "--base-url", "http://127.0.0.1:9/v1");
  expect((await here("diff", "run", "failed")).stdout).toMatch(
    /^ {2}model\.baseUrl {2}"http.*" → "http:\/\/127\.0\.0\.1:9\/v1"$/m,
  );
});

it("a folder that cannot be written into is named with what to do, read all the same, and left as it is", async () => {
  await cp(join(folder, "whole"), join(folder, "sealed"), { recursive: true });
  await chmod(folder, 0o755);
  await setModes(join(folder, "sealed"), { file: 0o444, folder: 0o555 });
  const before = await filesOf("sealed");
  // Nothing is closed to root, so that another user is it who tries.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const asUser = async (...args: string[]) => {
    const flags = ["--no-warnings", "--conditions=@rag-instruct/source", cliProgram, ...args];
    const child = spawn(process.execPath, flags, { cwd: folder, ...user, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: child.exitCode, stdout, stderr };
  };
  try {
    const [run, found, status] = await Promise.all([
      asUser("run", "sealed", "--pairs", "9", "--each", ...made()),
      asUser("search", "the harbour", "--to", "sealed"),
      asUser("status", "sealed"),
    ]);
    expect(run.stderr).toMatch(/^error: cannot write into sealed; choose another folder with --to$/m);
    expect(found.stdout, found.stderr).toContain("harbour");
    expect(status.stdout, status.stderr).toContain("The next run would change nothing.");
    expect(await filesOf("sealed")).toEqual(before);
  } finally {
    await setModes(join(folder, "sealed"), { file: 0o644, folder: 0o755 });
  }
});

it("a run that was stopped goes on as it was asked, and what it was asked changes no other command", async () => {
  const closed = await faultyServer();
  await closed.close();
  const paradigm = ["--paradigms", "single-doc-answer", "--pairs", "6"];
  const first = await cli("run", "docs", "--to", "asked-once", "--base-url", closed.url, "--model", "m", ...paradigm);
  expect([first.code, first.stderr]).toEqual([1, expect.stringMatching(/no server listens/)]);
  expect(await readdir(join(folder, "asked-once"))).toEqual(expect.arrayContaining(["asked.json", "corpus.sqlite"]));
  const status = await cli("status", "asked-once");
  expect(status.stdout).toMatch(/^✓ ingest[\s\S]*The next run makes synthesize, /m);
  expect((await cli("search", "the harbour", "--to", "asked-once")).stdout).toContain("harbour");
  await using server = await faultyServer({ reply: answerFromDocuments });
  const onward = await cli("run", "asked-once", "--base-url", server.url, "--model", "m");
  expect(onward.code, onward.stderr).toBe(0);
  expect(onward.stderr).toMatch(/^ingest .*\(unchanged\)$/m);
  expect(onward.stdout).toMatch(/^\d pairs? accepted/m);
  expect(await readdir(join(folder, "asked-once"))).not.toContain("asked.json");
});

it.each(['{"model": {"na', "[]", ""])(
  "settings of a run that say %j are no reason to ask another model",
  async (kept) => {
    await cp(join(folder, "whole"), join(folder, "torn"), { recursive: true });
    await using other = await faultyServer();
    await writeFile(join(folder, "torn/settings.json"), kept);
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: other.url };
    for (const args of [
      ["ask", "torn", "Who?"],
      ["status", "torn"],
      ["run", "torn"],
    ])
      expect(await runCli(args, { cwd: folder, env })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/torn\/settings\.json holds no settings; mend it, or remove it/),
      });
    expect(other.counts().requests).toBe(0);
  },
);

it("the help states of every command whether it makes, looks or gives out", async () => {
  const { stdout } = await cli("--help");
  const kinds = stdout.split(/^(?=Make|Look|Give out)/m).slice(1);
  expect(kinds.map((text) => text.split(":")[0])).toEqual(["Make", "Look", "Give out"]);
  // The stages of a run share a line.
  const named = (kind: number) =>
    [...kinds[kind]!.matchAll(/^ {2,4}([a-z]+(?:, [a-z]+)*)(?: {2}|:)/gm)].flatMap(([, names]) => names!.split(", "));
  expect(named(1)).toEqual(expect.arrayContaining(["status", "diff", "report", "search", "ask", "doctor"]));
  expect(named(2)).toEqual(["export", "push", "split", "recipe"]);
  expect(kinds.flatMap((_, kind) => named(kind)).sort()).toEqual(commands.map(({ name }) => name).sort());
  expect((await cli("ask", "--help")).stdout).toContain("It asks the model");
});
