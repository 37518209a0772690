import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuiltinParadigmId } from "@rag-instruct/core";
import type { NoiseRefusal } from "@rag-instruct/format";
import { paradigms, parseReply, renderPrompt } from "@rag-instruct/paradigms";
import type { DecontaminationReport, NoiseReport, SetReport } from "@rag-instruct/simulate";
import { type BenchmarkFigures, type NoiseFigures, type SetFigures, writeReport } from "@rag-instruct/viewer";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { axeFaults, brokenWords, overflow } from "./support/page.ts";

// A page's script that ran would leave this behind.
const trap = "globalThis.pwned=1";
const hostile = [
  `<script>${trap}</script>`,
  `</script><script>${trap}</script>`,
  `<img src=x onerror="${trap}">`,
  `"><svg onload="${trap}">`,
  `javascript:${trap}`,
  "<!--<script>",
  "abc\u202edesrever\u202c \u2066isolated\u2069\u2069\u2069 שלום",
  "half \ud800 and \udc00 of a pair",
  "NUL \u0000 bell \u0007 escape \u001b[31m",
  "w".repeat(400),
  "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A".repeat(20),
].join(" ");

let folder: string;
let browser: Browser;
let file: string;

const passage = (i: number) => ({
  id: `d${i}${hostile}`,
  title: `T${i} ${hostile}`,
  text: `${hostile} tank ${i} is here`,
  metadata: { [hostile]: hostile },
});

async function writeHostileRun(): Promise<void> {
  const lines = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
  const exemplar = { id: hostile, question: hostile, source: hostile, task: hostile, options: [hostile, "b"] };
  const paradigm = (i: number) => (i % 2 ? "single-doc-answer" : hostile);
  const pairs = Array.from({ length: 120 }, (_, i) => ({
    id: `p${i}${hostile}`,
    paradigm: paradigm(i),
    exemplarId: hostile,
    model: hostile,
    question: `Question ${i} ${hostile}`,
    answer: "A",
    options: [hostile, "x"],
    documents: [passage(i)],
    evidence: { judge: { quotes: [{ document: 1, text: `tank ${i}` }], why: hostile }, [hostile]: [hostile] },
  }));
  const examples = pairs.map(({ exemplarId: _, ...pair }, i) => ({
    ...pair,
    documents: [
      { ...passage(i), role: "source" },
      ...Array.from({ length: 9 }, (_, k) => ({ ...passage(500 + k), role: "noise", rank: 201 + k })),
    ],
  }));
  const rejected = {
    status: "rejected",
    id: hostile,
    reason: hostile,
    detail: hostile,
    raw: hostile,
    input: { paradigm: hostile, exemplar, documents: [passage(1)] },
  };
  await writeFile(join(folder, "pairs.jsonl"), lines(pairs));
  await writeFile(join(folder, "train.jsonl"), lines(examples));
  await writeFile(join(folder, "exemplars.jsonl"), lines([exemplar]));
  await writeFile(join(folder, "rejected.jsonl"), lines([rejected]));
}

beforeAll(async () => {
  if (!chromiumPath) return;
  folder = await mkdtemp(join(tmpdir(), "report-"));
  await writeHostileRun();
  file = join(folder, "report.html");
  await writeReport({
    run: folder,
    to: file,
    wanted: { [hostile]: 3 },
    model: hostile,
    isOffline: true,
    generator: hostile,
    parseReply,
    promptOf: ({ paradigm: id, documents, exemplar }) => {
      const paradigm = Object.hasOwn(paradigms, id) ? paradigms[id as BuiltinParadigmId] : undefined;
      return paradigm && renderPrompt({ paradigm, documents, exemplar });
    },
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function open(hash: string): Promise<{ page: Page; requests: string[]; errors: string[] }> {
  const viewport = { width: 1280, height: 900 };
  const page = await browser.newPage({ colorScheme: "light", viewport, reducedMotion: "reduce" });
  const requests: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${pathToFileURL(file)}${hash}`);
  await page.waitForSelector("#examples[data-ready]", { state: "attached" });
  if (hash.includes("open=")) await page.waitForSelector("#detail-heading");
  return { page, requests, errors };
}

const views = [
  "",
  "#examples",
  "#examples?open=1",
  "#examples?open=120",
  "#examples?passage=0",
  "#examples?exemplar=0",
];

it("reads what the packages write of a set", () => {
  expectTypeOf<SetReport>().toExtend<SetFigures>();
  expectTypeOf<{ refused: Record<NoiseRefusal, number>; proof?: NoiseReport }>().toExtend<NoiseFigures>();
  expectTypeOf<DecontaminationReport & { unread: Record<string, number> }>().toExtend<BenchmarkFigures>();
});

describe.skipIf(!chromiumPath)("the report in Chromium (needs Chromium)", () => {
  it.each(views)("runs nothing of hostile text and asks no network, at %s", async (view) => {
    const { page, requests, errors } = await open(view);
    for (const summary of await page.locator("summary:visible").all()) await summary.click();
    expect(await page.evaluate("globalThis.pwned")).toBeUndefined();
    expect(errors).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
    // Elements of the page's own making alone.
    expect(await page.locator("main img, main script, main iframe, main [onload], main [onerror]").count()).toBe(0);
    await page.close();
  });

  it("shows hostile text as it is, and what would act by its name", async () => {
    const { page } = await open("#examples?open=1");
    const heading = await page.locator("#detail-heading").textContent();
    for (const shown of [`<script>${trap}</script>`, "U+202E", "U+D800", "U+0000"]) expect(heading).toContain(shown);
    // Nothing that overrides or isolates a direction is left to act on its neighbours.
    expect(await page.locator("body").textContent()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    await page.close();
  });

  it("searches, filters, opens, goes to the passage and back, by keyboard alone", async () => {
    const { page } = await open("#examples");
    await page.locator("#search").focus();
    await page.keyboard.type("question 57");
    await expect.poll(() => page.locator("#found").textContent()).toMatch(/^1 of/);
    await page.locator(".list a").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#detail-heading:focus");
    expect(await page.locator("#detail mark.evidence").first().textContent()).toBe("tank 57");
    await page.locator("#detail .documents a").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".origin");
    await expect.poll(() => page.locator("#found").textContent()).toMatch(/^1 of 121/);
    await page.goBack();
    await page.waitForSelector("#detail-heading");
    await page.locator("#detail .around a", { hasText: "Close" }).click();
    await page.waitForSelector("#detail", { state: "hidden" });
    await page.goto(`${pathToFileURL(file)}#examples?open=3`);
    await page.waitForSelector("#detail-heading:focus");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#detail", { state: "hidden" });
    expect(await page.textContent(".list a:focus")).toContain("Question 3 ");
    await page.close();
  });

  it("numbers the sources as the checks and the prompt count them, wherever they stand among the noise", async () => {
    const place = await mkdtemp(join(tmpdir(), "report-numbers-"));
    try {
      const document = (i: number) => ({ id: `n${i}`, title: `Title ${i}`, text: `The tank of unit ${i} is green.` });
      const pair = {
        ...{
          id: "p1",
          paradigm: "multi-doc-answer",
          exemplarId: "e1",
          model: "m",
          question: "Which?",
          answer: "green",
        },
        documents: [document(1), document(2), document(3)],
        evidence: {
          lexical: { stated: "whole", statedIn: [1, 3] },
          judge: { needed: [3], quotes: [{ document: 3, text: "tank of unit 3" }], why: "document 3 says it" },
        },
      };
      const source = (i: number) => ({ ...document(i), role: "source" });
      const noise = (i: number) => ({ ...document(i), role: "noise", rank: 200 + i });
      const documents = [noise(11), noise(12), source(3), noise(13), source(1), noise(14), source(2)];
      await writeFile(join(place, "pairs.jsonl"), `${JSON.stringify(pair)}\n`);
      await writeFile(join(place, "train.jsonl"), `${JSON.stringify({ ...pair, documents })}\n`);
      await writeReport({ run: place });
      const page = await browser.newPage();
      await page.goto(`${pathToFileURL(join(place, "report.html"))}#examples?open=0`);
      await page.waitForSelector("#detail-heading");
      // Before the title may stand what is written and what the style sheet draws; sources stand above the noise.
      const shown = await page.evaluate(`[...document.querySelectorAll("#detail .documents li")].map((item) => [
        getComputedStyle(item.querySelector("summary"), "::before").content.replace("none", ""),
        item.querySelector(".role").textContent,
        item.querySelector(".document-title").textContent,
      ])`);
      expect(shown).toEqual([
        ["", "source 1", "Title 1"],
        ["", "source 2", "Title 2"],
        ["", "source 3", "Title 3"],
        ...[11, 12, 13, 14].map((i) => ["", "noise", `Title ${i}`]),
      ]);
      const marked = page.locator("#detail .documents li", { has: page.locator("mark.evidence") });
      expect(await marked.locator(".role").allTextContents()).toEqual(["source 3"]);
      await page.close();
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });

  it("begins with three good pairs of different paradigms, laid out as Markdown with their evidence lit", async () => {
    const place = await mkdtemp(join(tmpdir(), "report-first-"));
    try {
      const text = "# Tanks\n\nThe **green** tank of unit 3 holds:\n\n- 5 litres\n- [oil](javascript:alert(1))";
      const pair = (i: number, paradigm: string, answer: string) => ({
        ...{ id: `p${i}`, paradigm, exemplarId: "e1", model: "m", answer },
        question: `What does the green tank of unit ${i} hold, and how much?`,
        documents: [{ id: `d${i}`, title: `Tank ${i}`, text }],
        evidence: { judge: { quotes: [{ document: 1, text: "green tank of unit 3" }] } },
      });
      const pairs = [
        pair(1, "useless-doc", "It holds water, as most tanks do."),
        pair(2, "single-doc-support", "Yes."),
        pair(3, "single-doc-support", "It holds **5 litres** of oil."),
        pair(4, "single-doc-answer", "It holds 5 litres of oil in all."),
        pair(5, "multi-doc-answer", "It holds 5 litres, and the other none."),
      ];
      await writeFile(join(place, "pairs.jsonl"), pairs.map((one) => `${JSON.stringify(one)}\n`).join(""));
      const examples = pairs.map((one) => ({
        ...one,
        documents: [
          { id: "n", title: "Noise", text: "other", role: "noise" },
          ...one.documents.map((d) => ({ ...d, role: "source" })),
        ],
      }));
      await writeFile(join(place, "train.jsonl"), examples.map((one) => `${JSON.stringify(one)}\n`).join(""));
      await writeReport({ run: place, wanted: { "single-doc-support": 7 }, ruleOf: (id) => `The rule of ${id}.` });
      const page = await browser.newPage();
      await page.goto(`${pathToFileURL(join(place, "report.html"))}`);
      await page.waitForSelector(".first-pairs");
      const cards = page.locator(".first-pairs article");
      expect(await cards.locator("h2").allTextContents()).toEqual([5, 4, 3].map((i) => pairs[i - 1]!.question));
      expect(await cards.first().textContent()).toContain("The rule of multi-doc-answer.");
      expect(await cards.last().locator(".given strong").textContent()).toBe("5 litres");
      const document = cards.last().locator(".documents li").first();
      expect(await document.locator(".heading").innerText()).toBe("Tanks");
      expect(await document.locator("mark.evidence").allTextContents()).toEqual(["green", " tank of unit 3"]);
      expect(await document.locator(".passage li").count()).toBe(2);
      expect(await document.locator(".passage a").count()).toBe(0);
      expect(await document.textContent()).toContain("[oil](javascript:alert(1))");
      expect(await page.locator("#overview .short").textContent()).toBe("5 short");
      await cards.last().locator("a").last().click();
      await page.waitForSelector("#detail-heading");
      expect(await page.textContent("#detail-heading")).toContain("unit 3");
      await page.close();
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });

  it("filters by verdict, paradigm and reason, and turns pages", async () => {
    const { page } = await open("#examples");
    expect(await page.locator(".list li").count()).toBe(50);
    await page.locator(".pager a").last().click();
    await expect.poll(() => page.locator(".pager").textContent()).toContain("Page 2 of 3");
    await page.locator("#choose-paradigm").selectOption({ label: "single-doc-answer" });
    await expect.poll(() => page.locator("#found").textContent()).toBe("60 of 121");
    await page.locator("#choose-paradigm").selectOption("");
    await page.locator("#choose-verdict").selectOption({ label: "rejected" });
    await expect.poll(() => page.locator("#found").textContent()).toBe("1 of 121");
    await page.locator("#choose-reason").selectOption({ index: 1 });
    await expect.poll(() => page.locator("#found").textContent()).toBe("1 of 121");
    await page.close();
  });

  it.each(views)("has no fault that axe finds, in light or dark, and never scrolls sideways, at %s", async (view) => {
    const { page } = await open(view);
    expect(await axeFaults(page)).toEqual([]);
    // Of what the rules look at, colours alone are others in the dark.
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    expect(await axeFaults(page, { type: "rule", values: ["color-contrast", "link-in-text-block"] }), "dark").toEqual(
      [],
    );
    for (const width of [1280, 360, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflow(page), `${width}`).toBe(0);
      expect(await brokenWords(page), `${width}`).toEqual([]);
    }
    await page.close();
  });

  it("prints an opened example with its documents unfolded", async () => {
    const { page } = await open("#examples?open=1");
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("#detail .documents details:not([open])").count()).toBe(0);
    expect(await page.locator("form").isVisible()).toBe(false);
    await page.close();
  });
});
