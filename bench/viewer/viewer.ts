// Writes the report and opens it and the viewer of 50,000 examples in Chromium: `viewer.ts [examples] [passages]`.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeAtomic } from "@rag-instruct/core/node";
import { paradigms, parseReply, renderPrompt } from "@rag-instruct/paradigms";
import { writeReport } from "@rag-instruct/viewer";
import { type Browser, chromium, type Page } from "playwright-core";
import { madeExamples, madeExemplars, madeLedger, madePairs } from "./made-run.ts";

const [examples = 50_000, passages = 400_000] = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), "viewer-bench-"));
const path = (name: string) => join(folder, name);
const opened = 200;

try {
  console.log(`${examples.toLocaleString("en")} examples, up to ${passages.toLocaleString("en")} distinct passages`);
  const size = { examples, passages };
  await writeAtomic(path("exemplars.jsonl"), madeExemplars(size));
  await writeAtomic(path("pairs.jsonl"), madePairs(size));
  await writeAtomic(path("train.jsonl"), madeExamples(size));
  await writeAtomic(path("ledger.jsonl"), madeLedger(size));
  const writing = clock();
  await writeReport({
    run: folder,
    generator: "bench",
    parseReply,
    promptOf: ({ paradigm: id, documents, exemplar }) =>
      renderPrompt({ paradigm: paradigms[id as keyof typeof paradigms], documents, exemplar }),
  });
  note("report.html written in", writing());
  note(
    "peak memory of the process, making the run included",
    `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
  );
  const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    await inApp(browser);
    await inFile(browser);
  } finally {
    await browser.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function inApp(browser: Browser): Promise<void> {
  console.log("the app");
  const server = fork(join(import.meta.dirname, "server.ts"), [folder], {
    execArgv: ["--conditions=@rag-instruct/source", "--expose-gc"],
  });
  const told = async () => (await once(server, "message"))[0] as { url: string; heap: number };
  const { url } = await told();
  const heap = async () => {
    server.send("memory");
    return (await told()).heap;
  };
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const since = clock();
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForSelector(".first-pairs .given");
  note("three pairs shown, from navigation", since());
  note("first contentful paint", seconds(await firstPaint(page)));
  await page.locator("nav a .quiet", { hasText: examples.toLocaleString("en") }).waitFor({ timeout: 120_000 });
  note("all examples counted", since());
  const origin = new URL(url).origin;
  const listing = clock();
  await page.goto(`${origin}/#/0/review`);
  await page.waitForSelector(".list a");
  note("the list", listing());
  const searching = clock();
  await page.locator("#search").fill(`number ${examples - 7} `);
  await page.locator("#found").filter({ hasText: /^1 of/ }).waitFor();
  note("a search, from key to list", searching());
  await page.locator("#search").fill("");
  await page
    .locator("#found")
    .filter({ hasText: `${examples.toLocaleString("en")} of` })
    .waitFor();
  await readThrough(page, (from, to) => openInApp(page, from, to), heap);
  await page.close();
  server.kill();
}

async function inFile(browser: Browser): Promise<void> {
  console.log(`the file, ${((await stat(path("report.html"))).size / 1e6).toFixed(0)} MB`);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const since = clock();
  await page.goto(`${pathToFileURL(path("report.html"))}`, { waitUntil: "commit" });
  await page.waitForSelector(".first-pairs .given");
  note("three pairs shown, from navigation", since());
  note("first contentful paint", seconds(await firstPaint(page)));
  await page.waitForSelector("#examples[data-ready]", { state: "attached", timeout: 120_000 });
  note("all examples searchable", since());
  await page.waitForLoadState("load", { timeout: 120_000 });
  note("whole file read", since());
  await readThrough(page, async (from, to) => {
    for (let i = from; i < to; i++) {
      await page.goto(`${page.url().replace(/#.*/, "")}#examples?open=${(i * 97) % examples}`);
      await page.locator("#detail-heading", { hasText: `number ${(i * 97) % examples} ` }).waitFor();
    }
  });
  await page.close();
}

async function openInApp(page: Page, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    const number = (i * 97) % examples;
    await page.goto(`${new URL(page.url()).origin}/#/0/review?open=${2 * number}`);
    await page.locator("#detail-heading", { hasText: `number ${number} ` }).waitFor();
  }
}

/** Opens many examples, twice as many again, and says what each half has left in the memory of page and server. */
async function readThrough(
  page: Page,
  open: (from: number, to: number) => Promise<void>,
  heap?: () => Promise<number>,
): Promise<void> {
  const since = clock();
  await open(0, opened);
  note(`one of ${opened} examples opened, on average`, `${Math.round(since.milliseconds() / opened)} ms`);
  const before = [await memory(page), await heap?.()];
  await open(opened, 2 * opened);
  const after = [await memory(page), await heap?.()];
  const megabytes = (bytes: number | undefined) => Math.round((bytes ?? 0) / 1e6);
  note(
    "memory of the page after them, and after as many more",
    `${megabytes(before[0])} and ${megabytes(after[0])} MB`,
  );
  if (heap) note("the same of the server", `${megabytes(before[1])} and ${megabytes(after[1])} MB`);
}

async function memory(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

function firstPaint(page: Page): Promise<number> {
  return page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
}

function clock(): (() => string) & { milliseconds: () => number } {
  const start = performance.now();
  const milliseconds = () => performance.now() - start;
  return Object.assign(() => seconds(milliseconds()), { milliseconds });
}

function note(name: string, value: string): void {
  console.log(`  ${name.padEnd(56)} ${value}`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
