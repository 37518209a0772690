import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Review } from "@rag-instruct/core";
import { readReviews } from "@rag-instruct/core/node";
import { serveViewer } from "@rag-instruct/viewer";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { overflow } from "./support/page.ts";
import { jsonl } from "./support/run-files.ts";
import { lines, openPage, openReview, viewedPair as pair, shows, writeViewedRun } from "./support/viewed-run.ts";

let folder: string;
let run: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viewer-person-"));
  run = join(folder, "run");
  await writeViewedRun(run);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(!chromiumPath)("a person in the viewer (needs Chromium)", () => {
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
  afterEach(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });

  const open = (url: string) => openPage(context, url, errors);
  const review = async (url: string) => openReview(await open(url), url);
  const decisions = () => jsonl<Review>(join(run, "reviews.jsonl")).catch(() => []);
  /** Presses the key that is an "a" on many keyboards, each time before the page has done what the last one asks for. */
  const press = (page: Page, key: string, times = 1) =>
    page.evaluate(`for (let time = 0; time < ${times}; time++)
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", code: "KeyA", bubbles: true }))`);

  it("is told file and line of what cannot be read, and reads on once it is mended", async () => {
    const whole = await readFile(join(run, "pairs.jsonl"), "utf8");
    await writeFile(join(run, "pairs.jsonl"), `${lines([pair(0)])}{"id":"p1", torn}\n`);
    await using viewer = await serveViewer({ runs: [run] });
    const page = await open(viewer.url);
    await page.locator(".notice", { hasText: /pairs\.jsonl:2: not JSON/ }).waitFor();
    await rm(join(run, "pairs.jsonl"));
    await writeFile(join(run, "pairs.jsonl"), whole);
    await page.waitForSelector(".first-pairs article");
    expect(await page.locator(".notice").count()).toBe(0);
    await writeFile(join(run, "reviews.jsonl"), '{"id":"p1"}\n');
    await page.locator(".notice", { hasText: /reviews\.jsonl:1: a review needs/ }).waitFor();
    expect(await page.locator(".first-pairs article").count()).toBeGreaterThan(0);
  });

  it("is told where to go when the viewer was started again in the same place", async () => {
    const first = await serveViewer({ runs: [run] });
    const page = await open(first.url);
    await page.waitForSelector(".first-pairs");
    await first.close();
    await page.locator(".notice", { hasText: "does not answer" }).waitFor();
    await using _again = await serveViewer({ runs: [run], port: first.port });
    await page.locator(".notice", { hasText: "Open the address that it has printed" }).waitFor();
  });

  it("reads and decides on a phone: the opened pair comes into sight, with the way to those beside it", async () => {
    await context.close();
    const viewport = { width: 390, height: 844 };
    context = await browser.newContext({ viewport, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    const isInSight = () =>
      expect
        .poll(() => page.evaluate("document.getElementById('detail-heading')?.getBoundingClientRect().top"))
        .toBeLessThan(viewport.height / 2);
    await page.locator(".list a").nth(1).tap();
    await shows(page, "number 1 opened");
    await isInSight();
    await page.getByRole("link", { name: "Next" }).tap();
    await shows(page, "number 2 opened");
    await page.getByRole("link", { name: "Previous" }).tap();
    await shows(page, "number 1 opened");
    await page.getByRole("button", { name: "Accept" }).tap();
    await shows(page, "number 2 opened");
    await isInSight();
    expect((await decisions()).map(({ id, decision }) => [id, decision])).toEqual([["p1", "accepted"]]);
    await page.getByRole("link", { name: "Close" }).tap();
    await page.waitForSelector("#detail", { state: "detached" });
  });

  it.each([390, 320])("shows words of any length on a phone, nothing wider than its %i pixels", async (width) => {
    await context.close();
    context = await browser.newContext({ viewport: { width, height: 844 }, reducedMotion: "reduce" });
    const other = join(folder, "other");
    const named = (words: string) =>
      pair(0, { question: `What is ${words.repeat(9)}?`, answer: `It is ${words.repeat(9)}.` });
    await writeViewedRun(run, { pairs: [named("Donaudampfschiff"), pair(1)] });
    await writeViewedRun(other, { pairs: [named("Bodenseefährschiff")] });
    await using viewer = await serveViewer({ runs: [run, other] });
    const page = await open(viewer.url);
    for (const [view, part] of [
      ["overview", ".first-pairs"],
      ["review", ".list"],
      ["review?open=0", "#detail-heading"],
      ["compare", ".two"],
    ] as const) {
      await page.goto(`${new URL(viewer.url).origin}/#/0/${view}`);
      await page.waitForSelector(part);
      expect([view, await overflow(page)]).toEqual([view, 0]);
      const views = page.locator("nav[aria-label=Views] a");
      const heights = await views.evaluateAll((links) => links.map((link) => link.getBoundingClientRect().height));
      expect(new Set(heights).size).toBe(1);
    }
  });

  it("loses no edit to a reload or the way back, and finds none that was given up or kept", async () => {
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    for (const number of [0, 1]) {
      await page.locator(".list a").nth(number).click();
      await shows(page, `number ${number} opened`);
    }
    await page.keyboard.press("e");
    await page.fill("#edit-question", "When was the harbour bridge of the old town opened?");
    await page.reload();
    await expect.poll(() => page.inputValue("#edit-question")).toMatch(/of the old town/);
    await page.goBack();
    await shows(page, "number 0 opened");
    await page.goForward();
    await expect.poll(() => page.inputValue("#edit-question")).toMatch(/of the old town/);
    await page.keyboard.press("Escape");
    await shows(page, "number 1 opened");
    await page.keyboard.press("e");
    expect(await page.inputValue("#edit-question")).toMatch(/number 1/);
    await page.fill("#edit-question", "When was the other harbour bridge opened?");
    await page.keyboard.press("Control+Enter");
    await shows(page, "number 2 opened");
    await page.locator(".list a", { hasText: "the other harbour bridge" }).click();
    await shows(page, "the other harbour bridge");
    expect((await decisions()).map(({ edit }) => edit?.question)).toEqual([
      "When was the other harbour bridge opened?",
    ]);
  });

  it("keeps the name of each tab, and closes a pair at its place in the list", async () => {
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.fill("#reviewer", "ada");
    const other = await openReview(await context.newPage(), viewer.url);
    expect(await other.inputValue("#reviewer")).toBe("ada");
    await other.fill("#reviewer", "bo");
    await page.reload();
    await page.waitForSelector("#examples[data-ready] .list a");
    expect(await page.inputValue("#reviewer")).toBe("ada");
    await page.locator(".list a").nth(2).click();
    await shows(page, "number 2 opened");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#detail", { state: "detached" });
    expect(await page.textContent(".list a:focus")).toContain("number 2 opened");
  });

  it("draws a fair sample of what was accepted, and of nothing that was refused", async () => {
    await writeViewedRun(run, { refused: "no JSON" });
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.getByRole("button", { name: "A fair sample of 50" }).click();
    await expect.poll(() => page.textContent("#found")).toMatch(/^30 of 31, drawn by chance/);
    expect(await page.inputValue("#choose-verdict")).toBe("accepted");
  });

  it("goes back from a search to what stood before it, not letter by letter", async () => {
    await using viewer = await serveViewer({ runs: [run] });
    const page = await open(viewer.url);
    await page.waitForSelector(".first-pairs");
    await page.getByRole("link", { name: /^Review/ }).click();
    await page.waitForSelector("#examples[data-ready] .list a");
    await page.locator("#search").pressSequentially("number 17");
    await expect.poll(() => page.textContent("#found")).toMatch(/^1 of/);
    expect(await page.inputValue("#search")).toBe("number 17");
    await page.goBack();
    await page.waitForSelector(".first-pairs");
  });

  it("decides once where a key is pressed twice, and by the same keys where they write other letters", async () => {
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.keyboard.press("j");
    await shows(page, "number 0 opened");
    await press(page, "a", 2);
    await shows(page, "number 1 opened");
    await press(page, "ф", 2);
    await shows(page, "number 2 opened");
    // What writes another Latin letter is another key, wherever it is.
    await press(page, "q");
    await page.keyboard.press("Shift+A");
    await shows(page, "number 3 opened");
    expect((await decisions()).map(({ id }) => id)).toEqual(["p0", "p1", "p2"]);
  });

  it("reads and edits what is written from right to left, with the earlier turns in sight", async () => {
    const history = [{ question: "ממה עשוי הגשר?", answer: "מפלדה.", documents: [] }];
    const [question, answer] = ["متى افتُتح جسر الميناء؟", "في عام ١٩٠١:\n\n- ١٩٠١ في الصيف\n- in 1902"];
    await writeViewedRun(run, { pairs: [pair(0, { question, answer, options: ["١٩٠١", "لا أحد يعلم"], history })] });
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    const direction = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector("${selector}")).direction`);
    await page.keyboard.press("j");
    await shows(page, question);
    for (const part of [
      "#detail-heading",
      "#detail .options",
      "#detail .given p",
      "#detail .given ul",
      "#detail .given li:last-child",
    ])
      expect([part, await direction(part)]).toEqual([part, "rtl"]);
    await page.keyboard.press("e");
    for (const part of ["#edit-question", "#edit-option-1", "#edit-answer"])
      expect([part, await direction(part)]).toEqual([part, "rtl"]);
    expect(await page.textContent("#detail .turns")).toContain("ממה עשוי הגשר?");
    await page.keyboard.press("Escape");
    await page.fill("#search", "جسر");
    expect(await direction("#search")).toBe("rtl");
  });

  it("has the keyboard at the pair that was opened, whose documents come next", async () => {
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.locator(".list a").nth(3).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#detail-heading:focus");
    for (const name of ["Accept a", "Reject r", "Edit e"]) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe(name);
    }
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("SUMMARY");
  });

  it("prints an opened pair with its noise unfolded and nothing to press, and finds it folded after that", async () => {
    const example = pair(0);
    const documents = [
      ...example.documents.map((document) => ({ ...document, role: "source" })),
      { id: "n", title: "Noise", text: "Another bridge.", role: "noise", rank: 201 },
    ];
    await writeFile(join(run, "train.jsonl"), lines([{ ...example, documents }]));
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.keyboard.press("j");
    await shows(page, "number 0 opened");
    const folded = page.locator("#detail .documents details:not([open])");
    expect(await folded.count()).toBe(1);
    await page.emulateMedia({ media: "print" });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await folded.count()).toBe(0);
    for (const part of ["#detail .actions", ".keys", "form", "header nav"])
      expect(await page.locator(part).isVisible()).toBe(false);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await folded.count()).toBe(1);
  });

  it("finds in list and overview what people made of the pairs, and none that they rejected", async () => {
    await writeViewedRun(run, { pairs: [pair(0), pair(1), pair(3)] });
    await using viewer = await serveViewer({ runs: [run] });
    const page = await review(viewer.url);
    await page.keyboard.press("j");
    await shows(page, "number 0 opened");
    await page.keyboard.press("e");
    await page.fill("#edit-question", "Which year saw the first of the bridges?");
    await page.keyboard.press("Control+Enter");
    await shows(page, "number 1 opened");
    await page.keyboard.press("r");
    await page.waitForSelector("#reason:focus");
    await page.keyboard.press("Enter");
    await shows(page, "number 3 opened");
    expect((await readReviews(run)).size).toBe(2);
    await page.locator(".list a", { hasText: "Which year saw the first" }).waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    const first = page.locator(".first-pairs h2");
    await expect
      .poll(async () => (await first.allTextContents()).toSorted())
      .toEqual(["When was the harbour bridge number 3 opened?", "Which year saw the first of the bridges?"]);
  });

  it("is not told that all was accepted where nothing was attempted", async () => {
    await writeViewedRun(run, { pairs: [] });
    await using viewer = await serveViewer({ runs: [run] });
    const page = await open(viewer.url);
    await page.locator(".card", { hasText: "Why pairs were not accepted" }).waitFor();
    const text = await page.textContent("main");
    expect(text).toContain("Nothing was attempted.");
    expect(text).not.toContain("All were.");
  });
});
