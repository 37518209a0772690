import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair, Review } from "@rag-instruct/core";
import { readReviews } from "@rag-instruct/core/node";
import { serveViewer, type Viewer } from "@rag-instruct/viewer";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath } from "./support/chromium.ts";
import { startCli } from "./support/cli.ts";
import { axeFaults, brokenWords, overflow } from "./support/page.ts";
import { jsonl } from "./support/run-files.ts";

const hostile = `<script>globalThis.pwned=1</script><img src=x onerror="globalThis.pwned=1"> abc\u202edesrever ${"w".repeat(300)}`;

let folder: string;
let run: string;

function pair(i: number, more: Partial<Pair> = {}): Pair {
  const text = `The harbour bridge number ${i} was opened in the year ${1900 + i} by the town.`;
  return {
    id: `p${i}`,
    paradigm: i % 2 ? "single-doc-answer" : "single-doc-support",
    exemplarId: "e1",
    model: "m",
    question: `When was the harbour bridge number ${i} opened?`,
    answer: `In ${1900 + i}`,
    documents: [{ id: `d${i}`, title: `Bridge ${i}`, text }],
    ...more,
  };
}

const lines = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viewer-"));
  run = join(folder, "run");
  await mkdir(run);
  const exemplar = { id: "e1", question: "When was it built?", source: "s", task: "open" };
  await writeFile(join(run, "exemplars.jsonl"), lines([exemplar]));
  await writeFile(join(run, "pairs.jsonl"), lines(Array.from({ length: 30 }, (_, i) => pair(i))));
  const refused = { ...pair(90), exemplar };
  await writeFile(
    join(run, "rejected.jsonl"),
    lines([{ status: "rejected", id: "r1", reason: "not-json", detail: "no JSON", raw: hostile, input: refused }]),
  );
  await writeFile(join(run, "stages.json"), "{}");
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
    browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    errors.length = 0;
  });
  afterEach(() => context.close());

  async function open(url: string): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", ({ message }) => errors.push(message));
    page.on("request", (request) => {
      if (!request.url().startsWith("http://127.0.0.1:") && !request.url().startsWith("data:"))
        errors.push(`asked ${request.url()}`);
    });
    await page.goto(url);
    return page;
  }
  async function review(url: string, page?: Page): Promise<Page> {
    const shown = page ?? (await open(url));
    await shown.goto(url);
    await shown.goto(`${new URL(url).origin}/#/0/review`);
    await shown.waitForSelector("#examples[data-ready] .list a");
    return shown;
  }
  /** Waits for the pair that a list's line names. */
  const shows = (page: Page, text: string) => page.locator("#detail-heading", { hasText: text }).waitFor();
  const decided = (count: number) => expect.poll(async () => (await readReviews(run)).size).toBe(count);

  it("reviews twenty pairs by keyboard while a run writes, and loses nothing to kill -9", async () => {
    const started = () => startCli(["view", run, "--no-open"], { cwd: folder });
    let cli = started();
    const addressOf = ({ child }: typeof cli) =>
      new Promise<string>((found, fail) => {
        let text = "";
        child.stderr!.on("data", (chunk) => {
          text += chunk;
          const [url] = text.match(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/) ?? [];
          if (url) found(url);
        });
        child.once("exit", () => fail(new Error(`no address: ${text}`)));
      });
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
