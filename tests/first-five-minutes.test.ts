import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { faultyServer } from "@rag-instruct/core/testing";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "./support/chromium.ts";
import { packAll } from "./support/packed.ts";
import { replyAsOfflineModel } from "./support/served-offline-model.ts";
import { hasTerminal, onTerminal } from "./support/terminal.ts";
import { userEnvironment } from "./support/user-environment.ts";

const limit = 180_000;

let folder: string;
let npx: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "first-five-minutes-"));
  const tarballs = await packAll(folder);
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
      { when: /A server of my own/, keys: "\u001b[B\r" },
      { when: /Its address/, keys: `${server.url}\r` },
      { when: /Which of its models/, keys: "\r" },
      { when: /How many pairs/, keys: "4\r" },
    ];
    const first = await onTerminal(["npx", ...npx, "rag-instruct", "init"].join(" "), { cwd: place, env, typed });
    expect([first.code, await readdir(place)]).toEqual([0, ["rag-instruct.config.ts"]]);

    const commands = nextCommands(first.shown);
    expect(commands).toEqual(["rag-instruct doctor", "rag-instruct run --dry-run", "rag-instruct run"]);
    const outputs: string[] = [];
    for (const command of commands) {
      const { stdout } = await promisify(execFile)("npx", [...npx, ...command.split(" ")], { cwd: place, env });
      outputs.push(stdout);
    }
    const [doctor, estimate, run] = outputs;
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
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      await page.goto(`file://${report}`);
      await page
        .getByRole("link", { name: /examples/i })
        .first()
        .click();
      await page.locator(".list li").first().waitFor();
      expect(await page.locator(".list li").count()).toBeGreaterThanOrEqual(20);
    } finally {
      await browser.close();
    }
  },
  2 * limit,
);
