import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pair } from "@rag-instruct/core";
import type { BrowserContext, Page } from "playwright-core";

/** Records as a JSONL file has them. */
export const lines = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

/** A pair that says its number in question, answer and document. */
export function viewedPair(i: number, more: Partial<Pair> = {}): Pair {
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

/** Writes a run folder for a viewer. */
export async function writeViewedRun(
  run: string,
  {
    pairs = Array.from({ length: 30 }, (_, i) => viewedPair(i)),
    refused,
  }: {
    /** @default thirty */
    pairs?: readonly Pair[];
    /** The reply of a task that was rejected. @default there is no such task */
    refused?: string;
  } = {},
): Promise<void> {
  await mkdir(run, { recursive: true });
  const exemplar = { id: "e1", question: "When was it built?", source: "s", task: "open" };
  await writeFile(join(run, "exemplars.jsonl"), lines([exemplar]));
  await writeFile(join(run, "pairs.jsonl"), lines(pairs));
  const input = { ...viewedPair(90), exemplar };
  const rejected = { status: "rejected", id: "r1", reason: "not-json", detail: "no JSON", raw: refused, input };
  await writeFile(join(run, "rejected.jsonl"), lines(refused === undefined ? [] : [rejected]));
  await writeFile(join(run, "stages.json"), "{}");
}

/** Opens an address. What goes wrong in the page, and what it asks of other machines, is added to `errors`. */
export async function openPage(context: BrowserContext, url: string, errors: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("request", (request) => {
    if (!request.url().startsWith("http://127.0.0.1:") && !request.url().startsWith("data:"))
      errors.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

/** Shows the list of pairs to review, once it is there. */
export async function openReview(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await page.goto(`${new URL(url).origin}/#/0/review`);
  await page.waitForSelector("#examples[data-ready] .list a");
  return page;
}

/** Waits for the pair that a list's line names. */
export const shows = (page: Page, text: string) => page.locator("#detail-heading", { hasText: text }).waitFor();
