import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TrainingDocument } from "@rag-instruct/core";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { packAll } from "./support/packed.ts";
import { listedExamples } from "./support/page.ts";
import { replyAsOfflineModel } from "./support/served-offline-model.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";
import { hasTerminal, onTerminal } from "./support/terminal.ts";
import { userEnvironment } from "./support/user-environment.ts";

const limit = 180_000;
const clone = fileURLToPath(new URL("..", import.meta.url));

let folder: string;
let npx: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "first-five-minutes-"));
  const tarballs = await packAll();
  // What `npx` does for a package of the registry, for tarballs.
  npx = ["--yes", ...Object.values(tarballs).map((file) => `--package=file:${file}`), "--"];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The commands that an output names as the next ones. */
function nextCommands(shown: string): string[] {
  return [...shown.matchAll(/^ {2}npx (rag-instruct .*?)(?: {2,}.*)?\r?$/gm)].map(([, command]) => command!);
}

it(
  "an empty folder becomes a report in three minutes: what is typed was asked for or named on the screen (needs Linux)",
  async (test) => {
    test.skip(!hasTerminal, "needs `script` of util-linux, for a terminal");
    await using server = await faultyServer({
      ...{ models: ["llama3.1", "qwen3"], reply: replyAsOfflineModel },
      faults: { "rate-limit": 0.05, reset: 0.05, "cut-json": 0.05 },
      retryAfterSeconds: 0.1,
    });
    const place = join(folder, "empty");
    await mkdir(place);
    const env = userEnvironment(folder);
    const start = performance.now();
    const typed = [
      { when: /Where are your documents/, keys: "\r" },
      { when: /What do your users ask/, keys: "\r" },
      { when: /A server of my own/, keys: "\u001b[B\r" },
      { when: /Its address/, keys: `${server.url}\r` },
      { when: /Which of its models/, keys: "\r" },
      { when: /How many pairs/, keys: "4\r" },
      { when: /Write a pair of each paradigm now/, keys: "n" },
    ];
    const first = await onTerminal(["npx", ...npx, "rag-instruct", "init"].join(" "), { cwd: place, env, typed });
    expect([first.code, await readdir(place)]).toEqual([0, ["rag-instruct.config.ts"]]);

    const commands = nextCommands(first.shown);
    expect(commands).toEqual(["preview", "doctor", "run --dry-run", "run"].map((command) => `rag-instruct ${command}`));
    const outputs: string[] = [];
    // What npx has installed; it would compare all of it with the tarballs again, which takes longer than the commands.
    const [installed] = globSync(join(folder, ".npm/_npx/*/node_modules/.bin"));
    for (const command of commands) {
      const [program, ...args] = command.split(" ");
      const { stdout } = await promisify(execFile)(join(installed!, program!), args, { cwd: place, env });
      outputs.push(stdout);
    }
    const [preview, doctor, estimate, run] = outputs;
    expect(preview).toMatch(/^\d of 5 would be accepted\.$/m);
    expect(doctor).toMatch(/ok +structured output/);
    expect(doctor).not.toContain("FAIL");
    expect(estimate).toMatch(/synthesize +20 pairs/);
    expect(run).toMatch(/^20 pairs accepted \+ \d+ rejected \+ \d+ failed = \d+ attempted, written by .*llama3\.1$/m);
    const report = join(place, run!.match(/report +(\S+)/)![1]!);
    expect(performance.now() - start).toBeLessThan(limit);

    expect(existsSync(report)).toBe(true);
    const examples = (await readFile(join(place, "run/train.jsonl"), "utf8")).trim().split("\n");
    expect(examples.length).toBeGreaterThan(15);
    if (!chromiumPath) return;
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`file://${report}`);
      expect(await listedExamples(page)).toBeGreaterThanOrEqual(20);
    } finally {
      await browser.close();
    }
  },
  2 * limit,
);

/** What `npm start` ends in, once all that it needs is there, called from a folder. */
function launched(place: string) {
  const fromSources = "--conditions=@rag-instruct/source";
  const env = { ...process.env, RAG_INSTRUCT_FROM: place, OPENAI_API_KEY: "" };
  return (...args: string[]) =>
    promisify(execFile)(process.execPath, [fromSources, join(clone, "scripts/launch.ts"), ...args], {
      cwd: clone,
      env,
    });
}

/** What a run's files have in their lines, each some of it. */
interface MadeRow {
  id: string;
  exemplarId: string;
  question: string;
  answer: string;
  documents: TrainingDocument[];
  messages: [user: { role: string; content: string }, assistant: { role: string; content: string }];
}

/** What README and the site show of a pair is what a run made: question, answer and documents, and on the method's page each step. */
async function expectShownPair(rows: (file: string) => Promise<MadeRow[]>): Promise<void> {
  const files = ["train.jsonl", "pairs.jsonl", "exemplars.jsonl", "exports/messages.jsonl"];
  const [examples = [], pairs = [], exemplars = [], conversations = []] = await Promise.all(files.map(rows));
  const [readme, home, startPage, method] = (
    await Promise.all(
      ["README.md", "docs/index.md", "docs/start.md", "docs/method.md"].map((file) =>
        readFile(join(clone, file), "utf8"),
      ),
    )
  ).map((page) => page.replaceAll(/\n(?:> )?(?=\S)/g, " "));
  const shown = examples.find(({ question }) => question.startsWith("Two seabirds"))!;
  for (const page of [readme, home, startPage, method]) {
    expect(page).toContain(shown.question);
    expect(page).toContain(shown.answer);
  }
  const [source = [], noise = []] = ["source", "noise"].map((role) =>
    shown.documents.filter((document) => document.role === role),
  );
  expect([source.length, noise.length]).toEqual([4, 6]);
  for (const { title, text } of source)
    for (const [page, quoted] of [
      [readme, new RegExp(`\\| ${title} \\| “(.*?)(?: …)?” \\|`)],
      [method, new RegExp(`\\| ${title} \\| “(.*?)(?: …)?” \\|`)],
      [home, new RegExp(`<b>${title}</b> <mark>(.*?)</mark>`)],
    ] as const)
      expect(text, title).toContain(page!.match(quoted)![1]);
  expect(method).toContain("Sixty pages of a handbook, cut at their headings, give 723 passages");
  const { exemplarId } = pairs.find(({ id }) => id === shown.id)!;
  expect(method).toContain(exemplars.find(({ id }) => id === exemplarId)!.question);
  const { title: named, text: whole } = source.find(({ title }) => title.endsWith("Rings"))!;
  expect(method).toContain(`**${named}.** ${whole.replace(/^## .*\n+/, "")}`);
  expect(noise).toContainEqual(expect.objectContaining({ title: "The town library > Loans", rank: 216 }));
  const [user, assistant] = conversations.find(({ messages }) => messages[1].content === shown.answer)!.messages;
  const cut = [...method!.matchAll(/\[\d+\] .*? (?=…)/g)].map(([paragraph]) => paragraph);
  expect(cut).toHaveLength(10);
  for (const paragraph of cut) expect(user.content.replaceAll(/\s+/g, " ")).toContain(paragraph.trim());
  expect([user.role, assistant.role]).toEqual(["user", "assistant"]);
  for (const [, title, text] of home!.matchAll(/class="noise"><b>(.*?)<\/b> (.*?)(?: …)?<\/li>/g))
    expect(noise.find((document) => document.title === title)!.text).toContain(text);
}

it("in a clone `npm start` shows the method on recorded replies, each proved, and ends with a pair and the next command", async () => {
  const place = join(folder, "first look");
  await mkdir(place);
  const start = launched(place);
  const { stdout, stderr } = await start("--set", "verify=proof");
  const run = join(place, "runs/demo");
  const rows = async (file: string) =>
    (await readFile(join(run, file), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  const [pairs, rejected, examples] = await Promise.all(["pairs.jsonl", "rejected.jsonl", "train.jsonl"].map(rows));
  const perParadigm = Object.values(Object.groupBy(pairs!, ({ paradigm }) => paradigm)).map((group) => group!.length);
  expect(perParadigm).toEqual([20, 20, 20, 20, 20]);
  expect(new Set(pairs!.map(({ model }) => model)), "a pair that nothing was recorded for").toEqual(
    new Set(["recorded"]),
  );
  expect(new Set(rejected!.map(({ reason }) => reason)).size).toBeGreaterThanOrEqual(10);
  expect(rejected!.length / (rejected!.length + pairs!.length)).toBeCloseTo(0.1, 1);
  expect(Number(stderr.match(/60 documents, (\d+) passages/)?.[1])).toBeGreaterThanOrEqual(700);
  const noise = examples!.flatMap(({ documents }) =>
    documents.filter(({ role }: { role: string }) => role === "noise"),
  );
  expect(examples).toHaveLength(100);
  expect(noise.filter(({ rank, relaxed }) => rank <= 200 || relaxed)).toEqual([]);
  expect(JSON.parse(await readFile(join(run, "manifest.json"), "utf8"))).toMatchObject({
    model: "rag-instruct.recorded/recorded",
    notice: expect.stringContaining("recorded in advance"),
  });
  expect(await readFile(join(run, "report.html"), "utf8")).toContain("Recorded in advance.");

  await expectShownPair(rows);
  expect(stderr).toContain("60 documents, 723 passages");
  expect(stdout).toMatch(/= \d+ attempted, recorded in advance$/m);
  expect(stdout).not.toContain("rag-instruct.recorded");
  expect(stdout).toContain(
    "  npm start -- demo --set verify=proof --base-url http://127.0.0.1:11434/v1 --model llama3.1\n",
  );
  const end = stdout.slice(stdout.indexOf("One of the pairs"));
  expect(end).toMatch(/^One of the pairs \(multi-doc-answer\), in full:\n\n {2}Question {2}\S.*\n {2}Answer {4}\S.*\n/);
  expect(end).toMatch(/From [2-4] documents:\n( {4}\S.*: “.+”\n){2,4}/);
  expect(end).toContain(`The report: file://`);
  const [, command] = end.match(/Your own documents:\n {2}npm start -- (run <folder>)\n$/)!;
  await writeSmallCorpus(join(place, "hand book"), { pages: 50 });
  const own = await start(
    ...command!
      .replace("<folder>", "hand_book")
      .split(" ")
      .map((word) => word.replace("_", " ")),
    "--pairs",
    "1",
  );
  expect(own.stdout).toMatch(/^\d+ training examples?/m);
  expect(own.stdout).toContain("  npm start -- run 'hand book' --pairs 1 --base-url http");
});

it("in a clone `npm start -- <command>` is the command line, with paths of the folder in which npm is called", async () => {
  const place = join(folder, "a clone's user");
  await mkdir(join(place, "hand book"), { recursive: true });
  const pages = Array.from({ length: 12 }, (_, page) => ({
    id: `p${page}`,
    title: `Page ${page}`,
    text: `Pump ${page} runs.`,
  }));
  await writeFile(join(place, "hand book/pages.jsonl"), pages.map((page) => JSON.stringify(page)).join("\n"));
  const start = launched(place);
  expect((await start("index", "hand book", "--to", "my run")).stdout).toMatch(/: my run\/bm25\/$/m);
  expect((await start("search", "my run", "Pump 7", "--n-docs", "1")).stdout).toMatch(/Page 7/);
  expect((await start("--help")).stdout).toContain("Usage: npm start -- <command>");
  await expect(start("--seed")).rejects.toThrow("npm start -- demo --help");
  const { scripts } = JSON.parse(await readFile(join(clone, "package.json"), "utf8"));
  expect(scripts.start).toBe("node scripts/start.js");
  // A fresh clone waits for no build, and npm adds no word about itself.
  for (const script of [scripts.launch, scripts["launch:demo"]])
    expect(script).toMatch(/^(?!.*build).*node scripts\/launch\.ts$/);
  expect(await readFile(join(clone, ".npmrc"), "utf8")).toContain("update-notifier=false");
});

it("`npm start` says at once that it installs, and installs no more than the demo needs, or all once a folder of yours is named", async () => {
  const place = join(folder, "bare clone");
  await mkdir(join(place, "scripts"), { recursive: true });
  await mkdir(join(place, "node_modules"));
  await copyFile(join(clone, "scripts/start.js"), join(place, "scripts/start.js"));
  // What would install and start only says what it was called with.
  await writeFile(join(place, "npx"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const start = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["scripts/start.js", ...args], {
      cwd: place,
      env: { ...process.env, npm_execpath: "", PATH: `${place}:${process.env.PATH}` },
    });
  const script = async (...args: string[]) => (await start(...args)).stdout.match(/ run (launch\S*)/)?.[1];
  expect((await start()).stderr).toBe("Installing what this clone needs, once; then it starts …\n");
  expect(await Promise.all([script(), script("--pairs", "2"), script("run", "docs")])).toEqual([
    ...["launch:demo", "launch:demo", "launch"],
  ]);

  const state = (isWhole: boolean) =>
    writeFile(
      join(place, "node_modules/.modules.yaml"),
      JSON.stringify({ included: { devDependencies: isWhole } }, null, 2),
    );
  await state(false);
  expect((await start("demo")).stderr).toBe("");
  expect((await start("run", "docs")).stderr).toBe(
    "Installing what reads and searches your own documents, once; then it starts …\n",
  );
  // What `npm test` installed stays.
  await state(true);
  expect((await start()).stderr).toBe("");
  expect(await script()).toBe("launch");
});

it("what the demo installs holds all that its sources import", async () => {
  const manifest = async (folder: string) => JSON.parse(await readFile(join(clone, folder, "package.json"), "utf8"));
  // Resolved from a package's own folder, and from the root where a package has it for development alone.
  const { dependencies: ofRoot } = await manifest(".");
  const missing: string[] = [];
  for (const name of await readdir(join(clone, "packages"))) {
    const own = await manifest(`packages/${name}`);
    for (const file of await readdir(join(clone, "packages", name, "src"), { recursive: true })) {
      if (!/(?<!\.test)\.tsx?$/.test(file)) continue;
      const text = await readFile(join(clone, "packages", name, "src", file), "utf8");
      for (const [, module] of text.matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?"([^".][^"]*)";$/gm)) {
        const [imported = ""] = module!.match(/^(?:@[^/]+\/)?[^/]+/)!;
        const isKnown =
          imported.startsWith("node:") || imported === own.name || imported in { ...own.dependencies, ...ofRoot };
        if (!isKnown) missing.push(`${name}/src/${file}: ${imported}`);
      }
    }
  }
  expect(missing, "add it to `dependencies` of the root's package.json").toEqual([]);
});
