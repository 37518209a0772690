import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands as entries } from "../packages/rag-instruct/src/cli/commands.ts";
import { version } from "../packages/rag-instruct/src/version.ts";
import { cliProgram, runCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

const commands = entries.map(({ name }) => name);

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "command-line-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("help", () => {
  it.each([[], ...commands.map((command) => [command])])(
    "of %j fits a screen and ends in an example",
    async (...command) => {
      const { code, stdout, stderr } = await cli(...command, "--help");
      expect([code, stderr]).toEqual([0, ""]);
      const lines = stdout.trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
      expect(stdout).toMatch(/rag-instruct [a-z]+/);
      if (command.length > 0)
        expect(stdout).toMatch(new RegExp(`Examples:\n.*rag-instruct ${command[0]}|\\(rag-instruct`));
      // The stages of a run share a line.
      else for (const name of commands) expect(stdout).toMatch(new RegExp(`^ +(?:[a-z]+, )*${name}[ ,:]`, "m"));
    },
  );
});

describe("a wrong command line is one line with the next step, exit code 2", () => {
  it.each<[string[], RegExp]>([
    [["synthesise"], /unknown command 'synthesise'.*Did you mean synthesize\?.*see rag-instruct --help/],
    [["run", "--pair", "3"], /unknown option '--pair'.*Did you mean --pairs\?.*see rag-instruct run --help/],
    [["run", "--pairs", "three"], /--pairs three must be a whole number, or numbers by paradigm/],
    [["ask"], /missing required argument 'question'; see rag-instruct ask --help/],
    [["run", "docs", "--set", "corpus.wrods=3"], /corpus\.wrods is not an option; did you mean "words"\?/],
    [
      ["run", "docs", "--set", "retrieval=hybird"],
      /"hybird" is not one of bm25, dense, hybrid; did you mean "hybrid"\?/,
    ],
    [
      ["run", "docs", "--paradigm", "single-doc-anser"],
      /there is no paradigm "single-doc-anser".*did you mean "single-doc-answer"\?/,
    ],
    [["run", "docs", "--config", "docs/page-000.md"], /page-000\.md is no config; its name ends in one of \.ts, /],
    [["run"], /there are no documents to work on.*rag-instruct init/],
    [["embed", "docs"], /no embedding model is named; give --embeddings/],
    [["diff", "docs"], /diff compares two run folders, not 1/],
    [["split", "docs"], /docs is no run folder; split takes the folder of a run/],
    [["recipe", "docs", "--base", "m"], /docs is no run folder; recipe takes/],
    [["status", "docs"], /docs is no run folder; status takes/],
    [["recipe"], /required option '--base <model>' not specified/],
    [
      ["run", "docs", "--exemplars", "docs/page-000.md", "docs/page-001.md"],
      /page-001\.md after --exemplars .* would be a/,
    ],
    [["eval", "--model", "m"], /name benchmarks with their files.*or a run/],
    [["search"], /give one question, or --input/],
    [["completion", "tcsh"], /'tcsh' is invalid.*bash, zsh, fish/],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await cli(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it.each<[config: string, RegExp]>([
    // What is wrong comes before the documents that are missing for it.
    [
      'export default { documents: "docs", model: { name: "m", baseURL: "http://127.0.0.1:1/v1" } };',
      /wrong\.ts: model\.baseURL is not an option; did you mean "baseUrl"\?; also documents must be a number, not "docs"$/,
    ],
    ['export default { corpus: "docs" };', /wrong\.ts: corpus must be an object, not "docs"$/],
    ["export default {\n  corpus: { from: ./docs },\n};", /wrong\.ts:2 cannot be read: /],
    ["export default { pairs: 3 };", /there are no documents to work on.*rag-instruct init/],
  ])("a config: %j", async (config, message) => {
    // A process that runs several commands imports each file once.
    const place = await mkdtemp(join(folder, "config-"));
    await writeFile(join(place, "wrong.ts"), config);
    const { code, stderr } = await cli("run", "--config", join(place, "wrong.ts"));
    expect([code, stderr.trim().split("\n")]).toEqual([2, [expect.stringMatching(message)]]);
  });

  it("--json gives the error as JSON too, and --debug where it comes from", async () => {
    const { code, stdout, stderr } = await cli("ingest", "nowhere", "--json", "--debug");
    expect([code, JSON.parse(stdout).error.code]).toEqual([1, "file-missing"]);
    expect(stderr).toMatch(/error: nowhere is not there.*\n.*\n\s+at /);
  });
});

describe("a command for every stage", () => {
  it("runs it and what it needs, once, and no more", async () => {
    const result = async (...args: string[]) => JSON.parse((await cli(...args, "--to", "stages", "--json")).stdout);
    const names = ({ stages }: { stages: { name: string; skipped: boolean }[] }) =>
      stages.map(({ name, skipped }) => `${name}${skipped ? " skipped" : ""}`);
    expect(names(await result("exemplars", "docs"))).toEqual(["exemplars"]);
    expect(names(await result("index", "docs"))).toEqual(["ingest", "index"]);
    // From here on the folder knows its documents.
    expect(names(await result("synthesize", "--pairs", "2"))).toEqual([
      ...["ingest skipped", "index skipped", "exemplars skipped", "plan", "synthesize"],
    ]);
    expect(names(await result("assemble")).slice(-2)).toEqual(["synthesize skipped", "assemble"]);
    const exported = await result("export", "--set", 'exports=["messages"]');
    // Giving out and looking run no stage before theirs.
    expect(names(exported)).toEqual(["export"]);
    expect(await readdir(join(folder, "stages/exports"))).toContain("messages.jsonl");
    expect(names(await result("report"))).toEqual(["report"]);
    expect(await readFile(join(folder, "stages/report.html"), "utf8")).toContain("<!doctype html>");
  });

  it("takes a folder that --to names as it was made, whatever the config here says", async () => {
    await cli("run", "docs", "--to", "made", "--pairs", "1");
    await writeFile(join(folder, "few.md"), "A short page.");
    const config = 'export default { to: "run", corpus: { from: "few.md" }, pairs: 3 };';
    await writeFile(join(folder, "rag-instruct.config.mjs"), config);
    try {
      const again = JSON.parse((await cli("report", "--to", "made", "--json")).stdout);
      expect(again.stages.every(({ skipped }: { skipped: boolean }) => skipped)).toBe(true);
      expect((await cli("search", "the harbour", "--to", "made")).stdout).toContain("harbour");
      for (const args of [["run"], ["run", "--dry-run"]])
        expect(await cli(...args)).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/has 1 passage and .* needs 10/),
        });
    } finally {
      await rm(join(folder, "rag-instruct.config.mjs"));
    }
  });

  it("notices an output that was changed by hand, whatever its size", async () => {
    await cli("index", "docs", "--to", "touched");
    const file = join(folder, "touched/bm25/manifest.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/\d(?=\D*$)/, "0").replace(/^\{/, " "));
    const { stderr } = await cli("index", "docs", "--to", "touched");
    expect(stderr).toMatch(/ingest .*unchanged.*\nindex .* s\)/);
    expect(await readFile(file, "utf8")).toBe(text);
  });
});

it("completion scripts are read by their shells and complete commands and flags (bash; others where installed)", async () => {
  const script = (await cli("completion", "bash")).stdout;
  const ask = (words: string) =>
    execFileSync(
      "bash",
      [
        "-c",
        `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _rag_instruct; echo "\${COMPREPLY[*]}"`,
      ],
      { encoding: "utf8" },
    ).trim();
  expect(ask("rag-instruct sy")).toBe("synthesize");
  expect(ask("rag-instruct run --dry")).toBe("--dry-run");
  expect(ask("rag-instruct search --n")).toBe("--n-docs");
  expect((await cli("completion", "zsh")).stdout).toContain("compdef _rag_instruct rag-instruct");
  expect((await cli("completion", "fish")).stdout).toContain("__fish_seen_subcommand_from search' -l n-docs");
});

describe("exemplars and benchmarks of several places", () => {
  const rows = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) =>
      JSON.stringify({ question: `Who built the ${name} of harbour ${i}?` }),
    ).join("\n");
  const kept = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli("exemplars", "docs", "--to", "kept", "--no-filter", ...args, "--json");
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).stages[0].counts.exemplars;
  };
  beforeAll(async () => {
    const cache = join(folder, "hub/datasets--owner--set");
    for (const path of [join(folder, "sets"), join(cache, "blobs"), join(cache, "snapshots/1a2b/data")])
      await mkdir(path, { recursive: true });
    await writeFile(join(folder, "sets/a.jsonl"), rows("mill", 2));
    await writeFile(join(folder, "sets/b,c.jsonl"), rows("dam", 3));
    await writeFile(join(folder, "sets/readme.md"), "# Sets");
    await writeFile(join(cache, "blobs/77"), rows("pier", 4));
    await symlink("../../../blobs/77", join(cache, "snapshots/1a2b/data/train.jsonl"));
  });

  it.each<[string[], number]>([
    [["--exemplars", "sets/a.jsonl", "--exemplars", "sets/b,c.jsonl"], 5],
    [["--exemplars", "sets/*.jsonl"], 5],
    [["--exemplars", "sets,hub/datasets--owner--set"], 9],
    [["--exemplars", "hub/datasets--owner--set/snapshots/1a2b"], 4],
    [["--exemplars", "sets/{a,b*}.jsonl", "--exemplars", "hub/*/snapshots"], 9],
  ])("are read together: %j", async (args, count) => {
    expect(await kept(...args)).toBe(count);
  });

  it("are refused by name where nothing is, and stay those of the run", async () => {
    for (const [missing, said] of [
      ["sets/*.csv", "no file matches sets/*.csv"],
      ["nowhere.json", "nowhere.json is not there"],
      ["docs", "docs has no file of records"],
    ] as const) {
      const { code, stderr } = await cli("exemplars", "docs", "--to", "kept", "--exemplars", `sets/a.jsonl,${missing}`);
      expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
    }
    const { code, stderr } = await cli("run", "docs", "--to", "none", "--benchmark", "popqa=sets/*.csv");
    expect([code, stderr]).toEqual([1, expect.stringContaining("no file matches sets/*.csv")]);
    const checked = await cli("run", "docs", "--dry-run", "--pairs", "7", "--total", "--exemplars", "sets/*.jsonl");
    expect(checked.stdout).toMatch(/exemplars +5 exemplars\n(?:.*\n)*? +synthesize +7 pairs, of 5 paradigms:/);
  });

  it("of five datasets are sampled and judged in one command, without documents, through one ledger and budget", async () => {
    const place = join(folder, "five");
    await mkdir(join(place, "chats"), { recursive: true });
    const chat = (value: string, extra = {}) => ({ conversations: [{ from: "human", value, ...extra }] });
    const asked = (what: string) =>
      Array.from({ length: 6 }, (_, i) => `Who ${what} on island ${i} in ${1800 + 7 * i}?`);
    const [lmsys, sharegpt, alpaca, wizard, orca] = ["ruled", "fished", "taught", "sailed", "preached"].map(asked);
    await writeFile(
      join(place, "chats/lmsys.json"),
      JSON.stringify(
        lmsys!.map((content, i) => ({
          conversation_id: `${i}`,
          conversation: [{ role: "user", content }],
          redacted: false,
        })),
      ),
    );
    await writeFile(
      join(place, "chats/sharegpt.jsonl"),
      sharegpt!.map((text) => JSON.stringify(chat(text))).join("\n"),
    );
    await writeFile(join(place, "chats/dataset_info.json"), '{"alpaca":{"file_name":"alpaca.json"}}');
    await writeFile(
      join(place, "alpaca.csv"),
      `instruction,input,output\n${alpaca!.map((text) => `${text},,x`).join("\n")}`,
    );
    const wizardRows = [...wizard!, "Write a poem."].map((instruction) => JSON.stringify({ instruction, output: "x" }));
    await writeFile(join(place, "wizard.jsonl"), wizardRows.join("\n"));
    await writeFile(join(place, "orca.json"), JSON.stringify(orca!.map((text) => chat(text, { weight: null }))));
    await using server = await faultyServer({
      reply: ({ messages }) =>
        JSON.stringify({ reason: "of no use", keep: !/island [05]/.test(messages.at(-1)!.content) }),
    });
    const args = [
      ...[
        "exemplars",
        "--exemplars",
        "chats",
        "--exemplars",
        "*.{csv,jsonl}",
        "--exemplars",
        "orca.json",
        "--sample",
        "3",
      ],
      ...["--filter", "model", "--base-url", server.url, "--model", "m"],
    ];
    const inPlace = (...more: string[]) => runCli([...args, ...more], { cwd: place });
    const { code, stdout, stderr } = await inPlace();
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^judgements on 15 exemplars by m at 127\.0\.0\.1:\d+: about 15 calls, .*; no ceiling$/m);
    const kept = (await readFile(join(place, "run/exemplars.jsonl"), "utf8")).trimEnd().split("\n");
    const sources = Map.groupBy(kept, (line) => JSON.parse(line).source);
    const names = ["alpaca", "lmsys", "sharegpt", "slimorca", "wizardlm"];
    expect([...sources].map(([source, of]) => [source, of.length]).sort()).toEqual(names.map((name) => [name, 3]));
    expect(stdout).toMatch(/^15 of 32 exemplars kept \(46\.9%\): 3 of \w+, .* Left out, one shown of each reason:$/m);
    expect(stdout).toMatch(/^ +\d+ not-knowledge-intensive: Who \w+ on island [05] in \d+\? \(of no use\)$/m);
    expect(stdout).toMatch(/^ +1 creative: Write a poem\. \(.*\)$/m);
    expect(stdout).toMatch(/^ +1 unknown-shape: chats\/dataset_info\.json:1 \(.*list of datasets/m);
    expect(stdout).toMatch(/^Replies that these data rest on: filter \d+, [\d,]+ tokens/m);
    const { requests } = server.counts();
    expect((await inPlace()).code).toBe(0);
    expect((await inPlace("--to", "dear", "--set", "budget.tokens=2000")).stderr).toMatch(/budget/);
    expect(server.counts().requests).toBeLessThan(requests + 15);
    const none = await runCli(["synthesize", "--to", "run"], { cwd: place });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("there are no documents to work on")]);
    const offline = await inPlace("--model", "offline");
    expect([offline.code, offline.stderr]).toEqual([
      2,
      expect.stringMatching(/filter "model" asks a model that judges/),
    ]);
  });

  it("init writes what --pairs counts", async () => {
    const place = join(folder, "written");
    await mkdir(place);
    const { code, stderr } = await runCli(["init", "../docs", "--pairs", "50", "--total", "--yes"], { cwd: place });
    expect(code, stderr).toBe(0);
    expect(await readFile(join(place, "rag-instruct.config.ts"), "utf8")).toContain("pairs: { total: 50 },");
  });
});

it("init without a terminal asks nothing and calls no model, and names preview as the next command; exemplars that are not there stop it", async () => {
  const place = join(folder, "unasked");
  await mkdir(place);
  await using server = await faultyServer({ models: ["m"] });
  const init = (...args: string[]) =>
    runCli(["init", "../docs", "--pairs", "2", "--each", "--base-url", server.url, ...args], { cwd: place });
  const unknown = await init("--exemplars", "handbok");
  expect([unknown.code, await readdir(place)]).toEqual([1, []]);
  expect(unknown.stderr).toMatch(
    /handbok is neither a file nor one of the sets general, .*; did you mean "handbook"\?/,
  );
  const { code, stdout, stderr } = await init("--exemplars", "handbook,facts");
  expect([code, stderr, server.counts().requests]).toEqual([0, "", 0]);
  expect(stdout).toMatch(/form of those in: handbook, facts\.\n\nNext:\n {2}rag-instruct preview /);
  const config = await readFile(join(place, "rag-instruct.config.ts"), "utf8");
  expect(config).toContain('exemplars: ["handbook", "facts"],');
  const kept = await runCli(["exemplars"], { cwd: place });
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining("87 exemplars") });
});

it("init prints the JSON Schema of a config, and writes nothing; a config in JSON may name it", async () => {
  const { code, stdout } = await cli("init", "--schema");
  expect([code, JSON.parse(stdout).properties.corpus.properties.words]).toMatchObject([0, { default: 100 }]);
  expect(await readdir(folder)).not.toContain("rag-instruct.config.ts");
  const config = { $schema: "./schema.json", to: "by-json", corpus: { from: "docs" }, pairs: 1 };
  await writeFile(join(folder, "by.json"), JSON.stringify(config));
  expect(await cli("index", "--config", "by.json")).toMatchObject({ code: 0 });
});

it("-v, -V and --version print the version", async () => {
  const printed = await Promise.all(["-v", "-V", "--version"].map((flag) => cli(flag)));
  expect(printed.map(({ code, stdout }) => [code, stdout])).toEqual(Array(3).fill([0, `${version}\n`]));
});

it("a reader that has seen enough is no error", () => {
  const words = `"${process.execPath}" --conditions=@rag-instruct/source "${cliProgram}" help run 2>&1 | head -n 1; echo "\${PIPESTATUS[0]}"`;
  expect(execFileSync("bash", ["-c", words], { encoding: "utf8" })).toMatch(/^Usage: rag-instruct run.*\n0\n$/);
});

it("no colour and no cursor movement where standard error is no terminal", async () => {
  const { stdout, stderr } = await cli("index", "docs", "--to", "plain");
  expect(`${stdout}${stderr}`).not.toContain("\u001b");
});
