import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { listedExamples } from "./support/page.ts";

const docs = fileURLToPath(new URL("../docs", import.meta.url));
const dist = join(docs, ".vitepress/dist");
const pageOf = (name: string) => readFile(join(dist, `${name}.html`), "utf8");

beforeAll(async () => {
  const run = (program: string, ...args: string[]) => promisify(execFile)(program, args, { cwd: docs });
  // A page a package in place of one a name: the same comments and links, in a third of the time.
  await run(join(docs, "node_modules/.bin/typedoc"), "--outputFileStrategy", "modules");
  await run(process.execPath, "--conditions=@rag-instruct/source", "../scripts/demo-report.ts");
  // A dead link ends the build with an error.
  await run(join(docs, "node_modules/.bin/vitepress"), "build");
}, 240_000);

it("the site is built, with the API from the sources and no dead link", async () => {
  expect(await pageOf("packages/paradigms")).toContain("defineParadigm");
  expect(await pageOf("api/index")).toContain("simulate");
});

it("every page has the icon, a link to the repository, and one to where it is written", async () => {
  const edited = {
    index: undefined,
    "guides/cost": "edit/main/docs/guides/cost.md",
    "packages/corpus": "edit/main/packages/corpus/README.md",
    "api/index": "tree/main/packages",
  };
  for (const [name, place] of Object.entries(edited)) {
    const html = await pageOf(name);
    expect(html).toContain('<link rel="icon" type="image/svg+xml" href="/favicon.svg">');
    expect(html).toContain('href="https://github.com/rag-instruct/rag-instruct"');
    if (place) expect(html).toContain(`href="https://github.com/rag-instruct/rag-instruct/${place}"`);
  }
  expect(await readFile(join(dist, "favicon.svg"), "utf8")).toContain("<svg");
});

describe.skipIf(!chromiumPath)("in a browser (needs Chromium)", () => {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url!, "http://site");
    const path = join(dist, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    const body = await readFile(extname(path) ? path : `${path}.html`).catch(() => undefined);
    const types: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
    response.writeHead(body ? 200 : 404, { "content-type": types[extname(path)] ?? "text/html" }).end(body);
  });
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on("pageerror", ({ message }) => faults.push(message));
    page.on("response", (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });
  const open = (path: string) => page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);

  it("the first screen has what it is, a pair with its documents, and the two commands", async () => {
    await open("/");
    for (const text of ["Two seabirds of the reserve", "Puffins nest on the grass slope", "rag-instruct init"])
      await expect.poll(() => page.getByText(text).first().isVisible()).toBe(true);
    for (const part of [".VPHero .text", ".pair", ".pair .language-sh"]) {
      const { y, height } = (await page.locator(part).boundingBox())!;
      expect(y + height, part).toBeLessThan(900);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it.each([
    ["noise", "/guides/quality"],
    ["budget", "/guides/cost"],
    ["exemplars", "/guides/own-documents"],
    ["pdf", "/guides/own-documents"],
    ["ledger", "/guides/cost"],
    ["init", "/reference/commands"],
  ])(
    "a search for %s finds %s among the first three, and pages that explain before fields of the API",
    async (words, wanted) => {
      await open("/");
      await page.getByRole("button", { name: "Search" }).click();
      await page.locator("#localsearch-input").fill(words);
      const found = page.locator(".VPLocalSearchBox .results a");
      const pathsFound = async () => {
        const links = await found.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
        return links.map((link) => link!.replace(/#.*/, ""));
      };
      await expect.poll(async () => (await pathsFound()).slice(0, 3)).toContain(wanted);
      const paths = await pathsFound();
      expect(paths.length).toBeGreaterThanOrEqual(16);
      const field = paths.findIndex((path) => path.startsWith("/api/"));
      expect(paths.slice(0, 8).filter((path) => path.startsWith("/api/"))).toEqual([]);
      expect(
        paths.findLastIndex((path) => path.startsWith("/guides/")),
        "guides before fields",
      ).toBeLessThan(field === -1 ? Infinity : field);
    },
  );

  it("shows the demo's report, which the home page links to", async () => {
    await open("/");
    await page.getByRole("link", { name: "The report of a run" }).first().click();
    await page.getByText("Recorded in advance.").waitFor();
    expect(new URL(page.url()).pathname).toBe("/demo.html");
    expect(await listedExamples(page)).toBeGreaterThanOrEqual(20);
  });

  it("has no fault on any of these pages", () => expect(faults).toEqual([]));
});
