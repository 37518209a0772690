import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Pair, seenHash, type TrainingExample } from "@rag-instruct/core";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cliProgram, runCli, startCli } from "./support/cli.ts";
import { jsonl } from "./support/run-files.ts";
import { screenText } from "./support/screen.ts";
import { hasTerminal, onTerminal, type Typed } from "./support/terminal.ts";
import { answerAsReader } from "./support/tool-library.ts";
import { userEnvironment } from "./support/user-environment.ts";

// Wide enough that no figure of time moves a line's end.
const columns = 120;
const program = "npx rag-instruct";
const startPage = fileURLToPath(new URL("../docs/start.md", import.meta.url));

let place: string;
let env: Record<string, string>;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "start-page-"));
  env = { ...(userEnvironment(place) as Record<string, string>), RAG_INSTRUCT_PROGRAM: program, OPENAI_API_KEY: "" };
  await cp(new URL("./support/tool-library", import.meta.url), join(place, "handbook"), { recursive: true });
});
afterAll(() => rm(place, { recursive: true, force: true }));

/** What a command shows on a terminal that a person types at. */
async function typedAt(command: string, typed: readonly Typed[]): Promise<string> {
  const line = `${process.execPath} --conditions=@rag-instruct/source ${cliProgram} ${command}`;
  const { code, shown } = await onTerminal(line, { cwd: place, env, typed, columns });
  expect(code, shown).toBe(0);
  return screenText(shown, columns);
}

async function printedBy(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, { cwd: place, env });
  expect(code, stderr).toBe(0);
  return stderr + stdout;
}

/** Decides on every pair of the run as the viewer's page does, in the one browser that it lets in. Gives what it printed. */
async function reviewedInViewer(decisionOf: (pair: Pair) => "accepted" | "rejected"): Promise<string> {
  const { child, result } = startCli(["view", "--no-open"], { cwd: place, env });
  let printed = "";
  child.stderr!.on("data", (chunk) => (printed += chunk));
  await expect.poll(() => printed).toContain("Ctrl-C");
  const url = new URL(printed.match(/http:\S+/)![0]);
  const { headers } = await fetch(url, { redirect: "manual" });
  const cookie = headers.get("set-cookie")!.split(";")[0]!;
  for (const pair of await jsonl<Pair>(join(place, "run/pairs.jsonl"))) {
    const decision = { id: pair.id, seen: seenHash(pair), decision: decisionOf(pair), reviewer: "you" };
    const post = { method: "POST", body: JSON.stringify(decision), headers: { cookie } };
    expect((await fetch(new URL("/api/runs/0/reviews", url), post)).status).toBe(200);
  }
  child.kill("SIGINT");
  await result;
  return printed;
}

/** A screen as it is anywhere and at any time. */
function asAnywhere(screen: string): string {
  return screen
    .replaceAll(place, "/home/you/library")
    .replace(/:\d+\/\?token=\S+/g, ":40123/?token=…")
    .replace(/127\.0\.0\.1:\d+(?!\d*\/\?)/g, "127.0.0.1:11434")
    .replace(/\(\d+\.\d s\)/g, "(0.1 s)")
    .replace(/in \d+ s$/gm, "in 1 s")
    .trim();
}

it("an empty folder becomes a reviewed, exported set with a local server, in the commands and screens that the start page shows (needs Linux)", async (test) => {
  test.skip(!hasTerminal, "needs `script` of util-linux, for a terminal");
  await using server = await faultyServer({ models: ["llama3.1", "qwen3"], reply: answerAsReader });
  const start = performance.now();
  const down = "\u001b[B";
  const screens = new Map<string, string>();
  screens.set(
    "init",
    await typedAt("init", [
      { when: /Where are your documents/, keys: "\r" },
      { when: /What do your users ask/, keys: `${down}${down}\r` },
      { when: /A server of my own/, keys: `${down}\r` },
      { when: /Its address/, keys: `${server.url}\r` },
      { when: /Which of its models/, keys: "\r" },
      { when: /How many pairs/, keys: "2\r" },
      { when: /Write a pair of each paradigm now/, keys: "\r" },
    ]),
  );
  const { requests } = server.counts();
  screens.set("run", await typedAt("run", []));
  const pairs = await jsonl<Pair>(join(place, "run/pairs.jsonl"));
  const [dull] = pairs.filter(({ paradigm }) => paradigm === "useless-doc");
  screens.set("view", await reviewedInViewer(({ id }) => (id === dull!.id ? "rejected" : "accepted")));
  screens.set("reviews", await printedBy("reviews"));
  screens.set("export", await printedBy("export"));
  const seconds = (performance.now() - start) / 1000;
  await test.annotate(`${screens.size} commands, ${seconds.toFixed(1)} s, ${server.counts().requests} requests`);

  // What the preview has paid for, the run does not ask again.
  expect([requests, server.counts().requests, pairs.length]).toEqual([5, 10, 10]);
  const examples = await jsonl<TrainingExample>(join(place, "run/train.jsonl"));
  const given = await jsonl(join(place, "run/exports/messages.jsonl"));
  expect([examples.length, given.length]).toEqual([10, 9]);
  const card = await readFile(join(place, "run/exports/README.md"), "utf8");
  expect(card).toContain("the set “handbook” of rag-instruct (Apache-2.0)");
  expect(card).toMatch(/10 pairs read by one person/);
  expect(JSON.parse(await readFile(join(place, "run/manifest.json"), "utf8"))).toMatchObject({
    options: { exemplars: ["handbook"] },
    inputs: { exemplars: expect.stringMatching(/^[0-9a-f]{8,}$/) },
  });

  const page = await readFile(startPage, "utf8");
  const shown = page.replace(/(^```console\n\$ npx rag-instruct (\w+)\n)[\s\S]*?(?=^```$)/gm, (_, head, command) => {
    return `${head}${asAnywhere(screens.get(command)!)}\n`;
  });
  expect([...page.matchAll(/^\$ npx rag-instruct (\w+)$/gm)].map(([, command]) => command)).toEqual([
    ...screens.keys(),
  ]);
  await expect(
    shown,
    "the screens of docs/start.md are stale; take them anew: pnpm exec vitest run tests/start-page.test.ts -u",
  ).toMatchFileSnapshot(startPage);
});
