import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong with a page, by WCAG A and AA unless it is told what to look at. */
export async function axeFaults(
  page: Page,
  runOnly: unknown = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
): Promise<string[]> {
  // The page's own policy lets no foreign script in, so it comes through the debugger.
  await page.evaluate(await readFile(axe, "utf8"));
  return page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(runOnly)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 200)).join(" | ")))`,
  );
}

/** By how many pixels a page is wider than its window; 0 where it is not. */
export async function overflow(page: Page): Promise<number> {
  return Math.max(0, await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"));
}

/** Words of table headers that are drawn on more than one line. */
export function brokenWords(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll("thead th")].flatMap((head) => {
    const walker = document.createTreeWalker(head, NodeFilter.SHOW_TEXT);
    const broken = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      for (const { 0: word, index } of node.data.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
      }
    }
    return broken;
  })`);
}

/** Opens the examples of a report by its own link, and counts the lines of the list that is shown then. */
export async function listedExamples(page: Page): Promise<number> {
  await page
    .getByRole("link", { name: /examples/i })
    .first()
    .click();
  const lines = page.locator(".list li");
  await lines.first().waitFor();
  return lines.count();
}
