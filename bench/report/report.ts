// Writes the report of 50,000 examples and opens it in Chromium: `report.ts [examples] [passages]`.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeAtomic } from "@rag-instruct/core/node";
import { paradigms, parseReply, renderPrompt } from "@rag-instruct/paradigms";
import { writeReport } from "@rag-instruct/viewer";
import { chromium, type Page } from "playwright-core";
import { madeExamples, madeExemplars, madeLedger, madePairs } from "./made-run.ts";

const [examples = 50_000, passages = 400_000] = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), "report-bench-"));
const path = (name: string) => join(folder, name);
const rows: [string, string][] = [];

try {
  const size = { examples, passages };
  await writeAtomic(path("exemplars.jsonl"), madeExemplars(size));
  await writeAtomic(path("pairs.jsonl"), madePairs(size));
  await writeAtomic(path("train.jsonl"), madeExamples(size));
  await writeAtomic(path("ledger.jsonl"), madeLedger(size));
  const start = performance.now();
  await writeReport({
    run: folder,
    generator: "bench",
    parseReply,
    promptOf: ({ paradigm: id, documents, exemplar }) => {
      const paradigm = paradigms[id as keyof typeof paradigms];
      return renderPrompt({ paradigm, documents, exemplar });
    },
  });
  const inputs = await Promise.all(["pairs.jsonl", "train.jsonl", "ledger.jsonl"].map((name) => stat(path(name))));
  note("read", `${megabytes(inputs.reduce((sum, { size }) => sum + size, 0))} of JSONL`);
  note("written in", seconds(performance.now() - start));
  note("peak memory of the process", `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  note("report.html", megabytes((await stat(path("report.html"))).size));
  await inBrowser();
  console.log(`${examples.toLocaleString("en")} examples, up to ${passages.toLocaleString("en")} distinct passages`);
  for (const [name, value] of rows) console.log(`  ${name.padEnd(44)} ${value}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function inBrowser(): Promise<void> {
  const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const start = performance.now();
    await page.goto(`${pathToFileURL(path("report.html"))}#examples`, { waitUntil: "commit" });
    await page.waitForSelector(".list a", { timeout: 60_000 });
    note("first lines of the list, from navigation", seconds(performance.now() - start));
    await page.waitForSelector("#examples[data-ready]", { timeout: 60_000 });
    note("all examples searchable", seconds(performance.now() - start));
    await page.waitForLoadState("load", { timeout: 60_000 });
    note("whole file read by the browser", seconds(performance.now() - start));
    note("first contentful paint", seconds(await firstPaint(page)));
    note(
      "a search, from key to list",
      await timed(() => page.locator("#search").fill(`number ${examples - 7} `), page, /^1 of/),
    );
    const opening = performance.now();
    await page.locator(".list a").first().click();
    await page.waitForSelector("#detail-heading");
    note("an example opened", seconds(performance.now() - opening));
  } finally {
    await browser.close();
  }
}

async function firstPaint(page: Page): Promise<number> {
  return page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
}

async function timed(act: () => Promise<void>, page: Page, wanted: RegExp): Promise<string> {
  const start = performance.now();
  await act();
  await page.locator("#found").filter({ hasText: wanted }).waitFor();
  return seconds(performance.now() - start);
}

function note(name: string, value: string): void {
  rows.push([name, value]);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
