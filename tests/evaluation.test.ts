import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { faultyServer } from "@rag-instruct/core/testing";
import type { AnsweredQuestion } from "@rag-instruct/eval";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { runCli } from "./support/cli.ts";
import { axeFaults, brokenWords, overflow } from "./support/page.ts";
import { jsonl } from "./support/run-files.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "evaluation-"));
  const records = Array.from({ length: 12 }, (_, i) => ({
    question: `In which year was bridge ${i} opened?`,
    answers: [String(1900 + i)],
    ctxs: [{ id: `c${i}`, title: `Bridge ${i}`, text: `Bridge ${i} was opened in ${1900 + i}.` }],
  }));
  await writeFile(join(folder, "questions.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("eval asks every question once, scores with intervals, and pays for nothing the second time", async () => {
  // Reads the year from the paragraph, and is wrong for every fourth bridge.
  await using server = await faultyServer({
    reply: ({ messages }) => {
      const [, bridge, year] = messages.at(-1)!.content.match(/Bridge (\d+) was opened in (\d+)/) ?? [];
      return Number(bridge) % 4 === 0 ? "I do not know." : `It was opened in ${year}.`;
    },
  });
  const args = ["eval", "triviaqa=questions.jsonl", "--output", "report", "--base-url", server.url, "--model", "m"];
  const first = await runCli(args, { cwd: folder });
  expect([first.code, first.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^12 questions by m at 127\.0\.0\.1:\d+: about 12 calls, [\d,]+ tokens in, .*; no ceiling\n$/,
    ),
  ]);
  expect(first.stdout).toMatch(/TriviaQA: accuracy 75\.0% \[4\d\.\d%, 9\d\.\d%\].*12 answered \+ 0 failed = 12 asked/);
  expect(server.counts().requests).toBe(12);
  const report = await readFile(join(folder, "report/eval.json"), "utf8");
  // Nothing is announced where nothing is called.
  expect(await runCli(args, { cwd: folder })).toEqual({ code: 0, stdout: first.stdout, stderr: "" });
  expect(server.counts().requests).toBe(12);
  expect(await readFile(join(folder, "report/eval.json"), "utf8")).toBe(report);
  expect(await readFile(join(folder, "report/eval.html"), "utf8")).toContain("TriviaQA");
});

it("eval --against compares two models question by question, in one report", async () => {
  const year = (prompt: string) => prompt.match(/was opened in (\d+)/)![1];
  await using trained = await faultyServer({ reply: ({ messages }) => `In ${year(messages.at(-1)!.content)}.` });
  await using base = await faultyServer({ reply: () => "In 1903." });
  const servers = ["--base-url", trained.url, "--against-url", base.url, "--model", "trained", "--against", "base"];
  const { code, stdout } = await runCli(["eval", "triviaqa=questions.jsonl", "--output", "two", ...servers], {
    cwd: folder,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^triviaqa against .*base: \+91\.7 points \[\d+\.\d, 100\.0\], 11 questions better, 0 worse, p = 0\.00\d\d$/m,
  );
  const report = JSON.parse(await readFile(join(folder, "two/eval.json"), "utf8"));
  expect(report.models.map(({ model }: { model: string }) => model.split("/").at(-1))).toEqual(["trained", "base"]);
  expect(report.comparisons).toMatchObject([{ comparison: { pairs: 12, better: 11, worse: 0 } }]);
});

it.skipIf(!chromiumPath)("eval.html shows both models' answers beside each other, and fits a telephone", async () => {
  const [first] = await jsonl<AnsweredQuestion>(join(folder, "two/answers.jsonl"));
  expect(first).toMatchObject({
    question: "In which year was bridge 0 opened?",
    golds: ["1900"],
    answers: [
      { output: "In 1900.", right: true },
      { output: "In 1903.", right: false },
    ],
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, reducedMotion: "reduce" });
    await page.goto(`${pathToFileURL(join(folder, "two/eval.html"))}`);
    await page.locator(".questions > summary").click();
    await page.locator(".only-differ").check();
    const shown = page.locator(".questions li:visible");
    expect(await shown.count()).toBe(11);
    await shown.first().locator("summary").click();
    expect(await shown.first().locator(".answers").textContent()).toMatch(
      /trained right.*In 1900\..*base wrong.*In 1903\./s,
    );
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await axeFaults(page)).toEqual([]);
    }
    for (const width of [390, 320, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      expect([await overflow(page), await brokenWords(page)], `${width}`).toEqual([0, []]);
    }
  } finally {
    await browser.close();
  }
});

it("eval --published asks raw completions in the chat template, drawn and laid out as published, and says so", async () => {
  const asked: { prompt: string; temperature: number; top_p: number; max_tokens: number }[] = [];
  const server = createServer(async (request, response) => {
    asked.push((await json(request)) as (typeof asked)[number]);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [{ text: " In 1903.", finish_reason: "stop" }], usage: {} }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const model = join(folder, "tuned");
  await mkdir(model);
  await writeFile(
    join(model, "tokenizer_config.json"),
    JSON.stringify({ chat_template: "<user>{{ messages[0].content }}<assistant>", bos_token: "<s>" }),
  );
  const prompts = join(folder, "prompts.json");
  await writeFile(prompts, JSON.stringify({ triviaqa_test_w_gs: "Docs\n{documents}\nQ {question}" }));
  const args = ["eval", "triviaqa=questions.jsonl", "--published", "--output", "published", "--base-url", url];
  try {
    const { code, stderr } = await runCli([...args, "--model", model, "--limit", "1"], { cwd: folder });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^1 question by .* at 127\.0\.0\.1:\d+: about 1 call, .*\n$/),
    ]);
    expect(asked).toMatchObject([{ temperature: 0.5, top_p: 0.9, max_tokens: 500 }]);
    expect(asked[0]!.prompt).toMatch(
      /^<user>### Instruction:\n[^#]*\n\[1\] Bridge 0 was opened in 1900\.\n\n[^#]*\nIn which year was bridge 0 opened\?\n\n### Response:\n<assistant>$/,
    );
    const markdown = await readFile(join(folder, "published/eval.md"), "utf8");
    expect(markdown).toContain("| temperature 0.5, top-p 0.9, 500 tokens | published | raw completions |");
    expect(markdown).toContain(`Made by \`rag-instruct ${args.join(" ")} --model ${model} --limit 1\``);

    const own = await runCli(
      [...args, "--model", "m", "--chat-template", "none", "--prompts", prompts, "--limit", "1"],
      {
        cwd: folder,
      },
    );
    expect(own.code).toBe(0);
    expect(asked[1]!.prompt).toBe("Docs\n[1] Bridge 0 was opened in 1900.\nQ In which year was bridge 0 opened?");
    const nameless = await runCli([...args, "--model", "m"], { cwd: folder });
    expect([nameless.code, nameless.stderr]).toEqual([2, expect.stringContaining("--chat-template")]);
  } finally {
    server.close();
  }
});

it.each([
  [
    ["eval", "popqa", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"],
    /"popqa" must be a benchmark and its file/,
  ],
  [["eval", "nonsense=questions.jsonl", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"], /nonsense/],
  [["eval", "popqa=none.jsonl", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"], /none\.jsonl.*not there/],
  [["eval", "popqa=questions.jsonl"], /name the model to measure/],
])("%j is an error of one line", async (args, message) => {
  const { code, stdout, stderr } = await runCli(args, { cwd: folder });
  expect([code, stdout]).toEqual([/not there/.test(stderr) ? 1 : 2, ""]);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(message);
});
