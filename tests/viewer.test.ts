import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair, Review } from "@rag-instruct/core";
import { readReviews } from "@rag-instruct/core/node";
import { faultyServer } from "@rag-instruct/core/testing";
import { serveViewer, type Viewer } from "@rag-instruct/viewer";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { runCli, startCli } from "./support/cli.ts";
import { axeFaults, brokenWords, overflow } from "./support/page.ts";
import { jsonl } from "./support/run-files.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";
import { lines, openPage, openReview, viewedPair as pair, shows, writeViewedRun } from "./support/viewed-run.ts";

const hostile = `<script>globalThis.pwned=1</script><img src=x onerror="globalThis.pwned=1"> abc\u202edesrever ${"w".repeat(300)}`;

// Whole runs and their viewers, on a machine that has other work.
const limit = 240_000;

let folder: string;
let run: string;

/** The address that a viewer's command line prints. */
function addressOf({ child }: ReturnType<typeof startCli>): Promise<string> {
  return new Promise((found, fail) => {
    let text = "";
    child.stderr!.on("data", (chunk) => {
      text += chunk;
      const [url] = text.match(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/) ?? [];
      if (url) found(url);
    });
    child.once("exit", () => fail(new Error(`no address: ${text}`)));
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viewer-"));
  run = join(folder, "run");
  await writeViewedRun(run, { refused: hostile });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the viewer's door", () => {
  let viewer: Viewer;
  beforeEach(async () => {
    viewer = await serveViewer({ runs: [run] });
  });
  afterEach(() => viewer[Symbol.asyncDispose]());

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${viewer.port}${path}`, { redirect: "manual", ...init, headers });

  it("lets one browser in by the printed address, and nobody without its cookie", async () => {
    expect((await ask("/api/runs")).status).toBe(403);
    expect((await ask("/?token=wrong")).status).toBe(403);
    const opened = await fetch(viewer.url, { redirect: "manual" });
    expect(opened.status).toBe(303);
    const cookie = opened.headers.get("set-cookie")!;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const kept = { cookie: cookie.split(";")[0]! };
    expect((await fetch(viewer.url, { redirect: "manual" })).status).toBe(403);
    const runs = await ask("/api/runs", kept);
    expect(await runs.json()).toEqual([{ number: 0, name: "run", path: run }]);
    expect(runs.headers.get("content-security-policy")).toMatch(/default-src 'none'.*script-src 'self'/);
    expect((await ask("/api/runs", { ...kept, origin: "https://evil.example" })).status).toBe(403);
    const post = { method: "POST", body: "{}" };
    expect((await ask("/api/runs/0/stop", { ...kept, "sec-fetch-site": "cross-site" }, post)).status).toBe(403);
  });

  it("refuses a name that was made to point at this machine", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((done) => {
      const options = { host: "127.0.0.1", port: viewer.port, path: "/api/runs", headers: { host: "evil.example" } };
      request(options, (response) => done(response.statusCode)).end();
    });
    expect(status).toBe(403);
  });

  it("says what is wrong with a port that is taken, and with a folder that is no run", async () => {
    await expect(serveViewer({ runs: [run], port: viewer.port })).rejects.toThrow(/port \d+ is in use/);
    await expect(serveViewer({ runs: [join(folder, "nothing")] })).rejects.toThrow(/nothing/);
  });

  it("takes no decision on a text that has changed since it was shown", async () => {
    const opened = await fetch(viewer.url, { redirect: "manual" });
    const cookie = opened.headers.get("set-cookie")!.split(";")[0]!;
    const shown = (await (await ask("/api/runs/0/pairs/0", { cookie })).json()) as { seen: string };
    await writeFile(join(run, "pairs.jsonl"), lines([pair(0, { answer: "In another year altogether" })]));
    await ask("/api/runs/0/summary", { cookie });
    const body = JSON.stringify({ id: "p0", seen: shown.seen, decision: "accepted", reviewer: "ada" });
    const answer = await ask("/api/runs/0/reviews", { cookie }, { method: "POST", body });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ changed: true });
    expect((await readReviews(run)).size).toBe(0);
  });
});

describe.skipIf(!chromiumPath)("the viewer in Chromium", () => {
  let browser: Browser;
  let context: BrowserContext;
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    errors.length = 0;
  });
  afterEach(() => context.close());

  const open = (url: string) => openPage(context, url, errors);
  const review = async (url: string, page?: Page) => openReview(page ?? (await open(url)), url);
  const decided = (count: number) => expect.poll(async () => (await readReviews(run)).size).toBe(count);

  it("reviews twenty pairs by keyboard while a run writes, and loses nothing to kill -9", async () => {
    const started = () => startCli(["view", run, "--no-open"], { cwd: folder });
    let cli = started();
    let page = await review(await addressOf(cli));
    await page.keyboard.press("j");
    for (let i = 0; i < 20; i++) {
      await shows(page, `number ${i} opened`);
      if (i === 7) await appendFile(join(run, "pairs.jsonl"), lines([pair(30), pair(31)]));
      if (i % 5 === 3) {
        await page.keyboard.press("r");
        await page.waitForSelector("#reason:focus");
        await page.keyboard.type("trivial");
        await page.keyboard.press("Enter");
      } else await page.keyboard.press("a");
      await decided(i + 1);
    }
    await expect.poll(() => page.textContent("#found")).toContain("33 of 33");
    cli.child.kill("SIGKILL");
    await cli.result;
    const kept = await readReviews(run);
    expect(kept.figures()).toMatchObject({ reviewed: 20, accepted: 16, rejected: 4 });

    cli = started();
    page = await review(await addressOf(cli), page);
    await page.locator(".list a").first().click();
    await shows(page, "number 0 opened");
    expect(await page.textContent("#detail .decision")).toContain("accepted by me");
    cli.child.kill("SIGINT");
    expect((await cli.result).code).toBe(0);
    expect(errors).toEqual([]);
  });

  it(
    "shows a real run at work, and loses no decision when run and viewer are killed at once",
    async () => {
      await writeSmallCorpus(join(folder, "docs"));
      const live = join(folder, "live");
      const planned = () => jsonl<{ documents: { text: string }[] }>(join(live, "plan.jsonl"));
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      await using server = await faultyServer({
        // The first tasks of the plan are answered, and the others when the run is started again.
        async reply(request) {
          const prompt = request.messages.at(-1)!.content;
          const first = (await planned()).slice(0, 6);
          if (!first.some(({ documents }) => prompt.includes(documents[0]!.text.trim()))) await released;
          return answerFromDocuments(request);
        },
      });
      const exemplars = join(folder, "open.jsonl");
      await writeFile(exemplars, '{"question":"Who built the first lighthouse?","task":"open"}\n');
      const named = ["--exemplars", exemplars, "--base-url", server.url, "--model", "m", "--pairs", "10"];
      const making = () =>
        startCli(["run", "docs", "--to", live, "--paradigm", "single-doc-answer", ...named], { cwd: folder });
      const viewing = () => startCli(["view", live, "--no-open"], { cwd: folder });
      let maker = making();
      const choices = ["a", "r", "a", "a"];
      /** Pairs and refused tasks that a run at work has written so far. */
      const landed = async () => {
        const names = await readdir(live).catch(() => []);
        const drafts = names.filter((name) => /^(?:pairs|rejected)\.jsonl\.\w+\.tmp$/.test(name));
        const texts = await Promise.all(drafts.map((name) => readFile(join(live, name), "utf8")));
        return texts.join("").split("\n").length - 1;
      };
      await expect.poll(landed, { timeout: limit }).toBeGreaterThanOrEqual(choices.length);
      let cli = viewing();
      let page = await review(await addressOf(cli));
      await page.locator(".live", { hasText: "This run is at work" }).waitFor();
      await expect.poll(() => page.locator(".list a").count()).toBeGreaterThanOrEqual(choices.length);
      await page.keyboard.press("j");
      const decisions = () => jsonl<Review>(join(live, "reviews.jsonl")).catch(() => []);
      for (const [i, key] of choices.entries()) {
        await page.locator(".list li", { has: page.locator("a[aria-current]") }).waitFor();
        const asked = await page.textContent(".list a[aria-current] .line-question");
        await shows(page, asked!);
        await page.keyboard.press(key);
        if (key === "r") {
          await page.waitForSelector("#reason:focus");
          await page.keyboard.press("Enter");
        }
        await expect.poll(async () => (await decisions()).length).toBe(i + 1);
        if (i + 1 < choices.length) await page.locator("#detail-heading").filter({ hasNotText: asked! }).waitFor();
      }
      for (const { child } of [maker, cli]) child.kill("SIGKILL");
      await Promise.all([maker.result, cli.result]);
      release();

      cli = viewing();
      page = await review(await addressOf(cli), page);
      maker = making();
      const { code, stderr } = await maker.result;
      expect(code, stderr).toBe(0);
      expect((await decisions()).map(({ decision }) => decision)).toEqual([
        "accepted",
        "rejected",
        "accepted",
        "accepted",
      ]);
      await page.locator(".live").waitFor({ state: "detached" });
      await page.selectOption("#choose-review", { value: "any" });
      await expect.poll(() => page.textContent("#found")).toMatch(/^4 of/);
      expect(await page.locator(".list .decision").allTextContents()).toHaveLength(4);
      const [rejected] = (await decisions()).filter(({ decision }) => decision === "rejected");
      const made = (await jsonl<Pair>(join(live, "pairs.jsonl"))).map(({ id }) => id);
      const given = await jsonl<{ id: string }>(join(live, "exports/examples.jsonl"));
      expect(made).toContain(rejected!.id);
      expect(given.map(({ id }) => id)).toEqual(made.filter((id) => id !== rejected!.id));
      cli.child.kill("SIGINT");
      await cli.result;
      expect(errors).toEqual([]);
    },
    limit,
  );

  it(
    "tries a pair of each paradigm for the price that is pressed, under other instructions, and makes the rest",
    async () => {
      await writeSmallCorpus(join(folder, "docs"));
      await writeFile(join(folder, "open.jsonl"), '{"question":"Who built the first lighthouse?","task":"open"}\n');
      const asked: string[] = [];
      await using server = await faultyServer({
        reply(request) {
          const text = request.messages.map(({ content }) => content).join("\n");
          asked.push(text);
          const verdict = {
            documents: "unrelated",
            needed: [],
            quotes: [],
            answer: "wrong",
            complete: true,
            why: "no",
          };
          return text.includes("You judge a question") ? JSON.stringify(verdict) : answerFromDocuments(request);
        },
      });
      const named = ["--exemplars", "open.jsonl", "--base-url", server.url, "--model", "m", "--pairs", "4"];
      const kind = ["--to", "tried", "--paradigm", "single-doc-answer"];
      const cli = startCli(["preview", "docs", "--view", "--no-open", ...kind, ...named], { cwd: folder });
      const page = await open(await addressOf(cli));
      const press = page.locator(".trial button.accept");
      await page.locator(".trial [role=status]", { hasText: "1 pair" }).waitFor();
      expect(await page.textContent(".trial [role=status]")).toMatch(/about \d+ calls?,.*nothing is charged/);
      expect(await press.textContent()).toBe("Make one pair; nothing is charged");
      expect(asked).toEqual([]);
      await press.click();
      await page.locator(".tried", { hasText: "In which year did it happen" }).waitFor();
      expect(asked).toHaveLength(1);
      expect(await axeFaults(page)).toEqual([]);
      await page.fill("#instructions", "Ask as a harbour pilot would.");
      await page.locator(".trial button.accept", { hasText: "Try again" }).click();
      await expect.poll(() => asked.length).toBe(2);
      expect(asked[1]).toContain("Ask as a harbour pilot would.");
      await page.locator(".trial button.accept", { hasText: "Try again" }).waitFor();
      await page.getByText("Of one paradigm alone").click();
      await page.fill("#instructions-single-doc-answer", "Ask for a year.");
      await page.locator(".trial button.accept", { hasText: "Try again" }).click();
      await expect.poll(() => asked.length).toBe(3);
      expect(asked[2]).toContain("Ask as a harbour pilot would.\nAsk for a year.");
      expect(await axeFaults(page)).toEqual([]);
      await page.locator(".trial button.accept", { hasText: "Try again" }).waitFor();
      await page.getByRole("button", { name: "Make the rest" }).click();
      const command = await page.textContent(".trial pre");
      expect(command).toBe("rag-instruct run --config tried/config.json");
      expect(asked).toHaveLength(3);
      cli.child.kill("SIGINT");
      expect((await cli.result).code).toBe(0);
      const made = await runCli(command!.split(" ").slice(1), { cwd: folder });
      expect(made.code, made.stderr).toBe(0);
      expect(await jsonl(join(folder, "tried/pairs.jsonl"))).toHaveLength(4);
      const texts = asked.slice(2);
      expect(texts.every((text) => text.includes("Ask for a year."))).toBe(true);
      const config = JSON.parse(await readFile(join(folder, "tried/config.json"), "utf8"));
      expect(config.instructions["single-doc-answer"]).toBe("Ask as a harbour pilot would.\nAsk for a year.");
      expect(config.instructions["multi-doc-answer"]).toBe("Ask as a harbour pilot would.");
      // What a config says by paradigm is there to be changed.
      const again = startCli(["preview", "--config", "tried/config.json", "--view", "--no-open"], { cwd: folder });
      const changed = await open(await addressOf(again));
      await changed.locator("#instructions-single-doc-answer").waitFor();
      expect(await changed.inputValue("#instructions-single-doc-answer")).toBe(
        config.instructions["single-doc-answer"],
      );
      again.child.kill("SIGINT");
      await again.result;
      expect(new Set(texts).size).toBe(texts.length);

      // A pair that is edited can be judged by the run's model, when the price is pressed.
      const calls = asked.length;
      const viewing = startCli(["view", "tried", "--no-open"], { cwd: folder });
      await review(await addressOf(viewing), page);
      await page.keyboard.press("j");
      await page.waitForSelector("#detail-heading");
      await page.keyboard.press("e");
      const judge = page.getByRole("button", { name: "Ask the judge; nothing is charged" });
      await judge.waitFor();
      expect(asked).toHaveLength(calls);
      await judge.click();
      await page.locator(".editor .why", { hasText: "The judge found fault: " }).waitFor();
      expect(asked).toHaveLength(calls + 1);
      viewing.child.kill("SIGINT");
      await viewing.result;
      expect(errors).toEqual([]);
    },
    limit,
  );

  it("edits a pair, checks what was edited, and takes the last decision back", async () => {
    const checkEdit = ({ answer = "" }) =>
      answer.includes("1999")
        ? { ok: false, reason: "answer-not-in-documents", detail: "no document says 1999" }
        : { ok: true };
    await using viewer = await serveViewer({ runs: [run], checkEdit });
    const page = await review(viewer.url);
    await page.keyboard.press("j");
    await shows(page, "number 0 opened");
    await page.keyboard.press("e");
    await page.fill("#edit-answer", "In 1999");
    await page.waitForSelector(".editor .why");
    expect(await page.textContent(".editor .why")).toContain("no document says 1999");
    await page.fill("#edit-answer", "In the year 1900");
    await page.locator(".editor [role=status]", { hasText: "nothing wrong" }).waitFor();
    await page.keyboard.press("Control+Enter");
    await decided(1);
    const [edited] = await jsonl<Review>(join(run, "reviews.jsonl"));
    expect(edited).toMatchObject({ decision: "edited", edit: { answer: "In the year 1900" }, reviewer: "me" });
    await shows(page, "number 1 opened");
    await page.keyboard.press("u");
    await decided(2);
    await shows(page, "number 0 opened");
    await expect.poll(() => page.locator("#detail .decision").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("loses nothing between two tabs of two people, lets the last one count, and says how far they agree", async () => {
    await using viewer = await serveViewer({ runs: [run] });
    const one = await review(viewer.url);
    await one.fill("#reviewer", "ada");
    const other = await context.newPage();
    await review(viewer.url, other);
    await other.fill("#reviewer", "bo");
    for (const page of [one, other]) {
      await page.locator(".list a").first().click();
      await shows(page, "number 0 opened");
      await page.locator("h1").click();
    }
    await Promise.all([one.keyboard.press("a"), other.keyboard.press("a")]);
    await decided(2);
    for (const page of [one, other]) await shows(page, "number 1 opened");
    await one.keyboard.press("a");
    await decided(3);
    await other.keyboard.press("r");
    await other.waitForSelector("#reason:focus");
    await other.keyboard.press("Enter");
    await decided(4);
    const { agreement, rejected, reviewers } = (await readReviews(run)).figures();
    expect({ rejected, reviewers }).toEqual({ rejected: 1, reviewers: 2 });
    expect(agreement).toMatchObject({ comparisons: 2, observed: 0.5 });
    await expect.poll(() => one.textContent("#examples .card")).toContain("Cohen's kappa");
    expect(errors).toEqual([]);
  });

  it("shows hostile text as text, filters, and draws a fair sample", async () => {
    const nasty = pair(40, { question: hostile, answer: hostile });
    await appendFile(join(run, "pairs.jsonl"), lines([nasty]));
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.fill("#search", "desrever");
    await expect.poll(() => page.textContent("#found")).toContain("1 of 32");
    await page.locator(".list a").first().click();
    await shows(page, "U+202E");
    expect(await page.evaluate(() => (globalThis as { pwned?: number }).pwned)).toBeUndefined();
    await page.fill("#search", "");
    await page.selectOption("#choose-verdict", "rejected");
    await expect.poll(() => page.textContent("#found")).toContain("1 of 32");
    await page.getByRole("button", { name: "A fair sample of 50" }).click();
    await expect.poll(() => page.textContent("#found")).toContain("equal share of each paradigm");
    expect(errors).toEqual([]);
  });

  it("sets two runs side by side: what both made of the same documents, what one has alone, cost and variety", async () => {
    const other = join(folder, "other");
    await mkdir(other);
    await writeFile(join(other, "exemplars.jsonl"), await readFile(join(run, "exemplars.jsonl")));
    const asked = "Which year saw the harbour bridge number 0 opened by the town?";
    await writeFile(join(other, "pairs.jsonl"), lines([pair(0, { question: asked }), pair(1), pair(50)]));
    const written = (path: string, made: Pair[]) =>
      writeFile(
        join(path, "train.jsonl"),
        lines(made.map((one) => ({ ...one, documents: one.documents.map((d) => ({ ...d, role: "source" })) }))),
      );
    await written(
      run,
      Array.from({ length: 30 }, (_, i) => pair(i)),
    );
    await written(other, [pair(0, { question: asked }), pair(1), pair(50)]);
    const write = { replies: 3, inputTokens: 900, outputTokens: 100, usd: 0.25 };
    const record = { key: "k", lineage: "l", inputs: {}, outputs: {}, counts: {}, seconds: 1, cost: { write } };
    await writeFile(join(other, "stages.json"), JSON.stringify({ synthesize: record }));
    await using viewer = await serveViewer({ runs: [run, other] });
    const page = await open(viewer.url);
    await page.goto(`http://127.0.0.1:${viewer.port}/#/0/compare`);
    const met = page.locator(".card", { hasText: "1 written after the same exemplar from the same documents" });
    await met.waitFor();
    expect(await met.textContent()).toMatch(/Bridge 0.*When was the harbour bridge number 0 opened\?.*Which year saw/s);
    const text = await page.textContent("main");
    expect(text).toMatch(/What it cost.*writenone3 replies, 1,000 tokens, \$0\.2500/s);
    expect(text).toMatch(/1 in both\..*29 in run alone.*2 in other alone/s);
    expect(await axeFaults(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it.each([
    ["light", 1440, 900],
    ["dark", 390, 844],
  ] as const)(
    "has no fault that axe finds, %s at %i pixels, and nothing wider than the screen",
    async (colorScheme, width, height) => {
      await context.close();
      context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
      await using viewer = await serveViewer({ runs: [run] });
      const page = await open(viewer.url);
      await page.waitForSelector(".first-pairs");
      for (const view of ["overview", "review?open=0"]) {
        await page.goto(`http://127.0.0.1:${viewer.port}/#/0/${view}`);
        await page.waitForSelector(view === "overview" ? ".first-pairs" : "#detail-heading");
        expect(await axeFaults(page)).toEqual([]);
        expect(await overflow(page)).toBe(0);
        expect(await brokenWords(page)).toEqual([]);
      }
      expect(errors).toEqual([]);
    },
  );
});
