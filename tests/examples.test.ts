import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { faultyServer } from "@rag-instruct/core/testing";
import { describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { servePage } from "./support/package-server.ts";
import { requireBuilt } from "./support/packed.ts";
import { replyAsOfflineModel } from "./support/served-offline-model.ts";
import { miniLm, sharedData } from "./support/shared.ts";

const examples = fileURLToPath(new URL("../examples/", import.meta.url));
const contriever = join(sharedData, "embeddings/contriever-format-made-here/passages_00.numpy1.proto4");
const contrieverTexts = join(sharedData, "embeddings/minilm-103.text-vector.jsonl");

/** What an example is run with, and how it is seen to have worked. */
interface Setting {
  needs?: readonly string[];
  prepare(place: string): Promise<{ args?: string[]; env?: Record<string, string>; close?: () => Promise<void> }>;
  check(stdout: string, place: string): void | Promise<void>;
}

const settings: Record<string, Setting> = {
  "local-server.ts": {
    async prepare() {
      const server = await faultyServer({
        ...{ models: ["llama3.1"], reply: replyAsOfflineModel, schema: "refused", retryAfterSeconds: 0.1 },
        faults: { "rate-limit": 0.1, reset: 0.1, "cut-json": 0.1, "server-error": 0.1 },
      });
      return { env: { OLLAMA_URL: server.url }, close: () => server.close() };
    },
    check: (stdout) => expect(stdout).toMatch(/^127\.0\.0\.1:\d+\.chat\/llama3\.1 wrote 6 pairs of \d+ attempted$/m),
  },
  "hybrid-retrieval.ts": {
    needs: [miniLm],
    prepare: async () => ({ env: { EMBEDDING_MODEL: miniLm } }),
    check(stdout) {
      expect(stdout).toMatch(/^bm25: (?!Trips)/m);
      expect(stdout).toMatch(/^dense: Trips/m);
    },
  },
  "contriever-embeddings.ts": {
    needs: [miniLm, contriever, contrieverTexts],
    async prepare(place) {
      const records = (await readFile(contrieverTexts, "utf8")).trim().split("\n");
      const rows = records.map((line) => {
        const { id, text } = JSON.parse(line) as { id: number; text: string };
        return `${id}\t"${text.replaceAll('"', '""')}"\tpage ${id}\n`;
      });
      await writeFile(join(place, "passages.tsv"), `id\ttext\ttitle\n${rows.join("")}`);
      return { args: [contriever, "passages.tsv", miniLm] };
    },
    check(stdout) {
      expect(stdout).toContain("103 passages, 103 vectors of 384 numbers");
      expect(stdout).toMatch(/How do I get started with Llama 2\?\n {2}1\. 0\.[5-9]\d+ \d+ .*Getting started/);
    },
  },
  "compare-models.ts": {
    async prepare() {
      const [base, trained] = await Promise.all([
        faultyServer({ reply: ({ messages }) => readDays(messages.at(-1)!.content, { isTrained: false }) }),
        faultyServer({ reply: ({ messages }) => readDays(messages.at(-1)!.content, { isTrained: true }) }),
      ]);
      const close = async () => void (await Promise.all([base.close(), trained.close()]));
      return { env: { BASE_URL: base.url, TRAINED_URL: trained.url }, close };
    },
    async check(stdout, place) {
      expect(stdout).toMatch(
        /^trained against base: 50\.0 points \[\d+\.\d, \d+\.\d\]\n30 questions better, 0 worse, p = 0\.000\d/,
      );
      const report = JSON.parse(await readFile(join(place, "report/eval.json"), "utf8"));
      expect(report.comparisons[0]).toMatchObject({ benchmark: "handbook", comparison: { pairs: 60, better: 30 } });
    },
  },
};

/** Reads the paragraph that the question is about; without training every other time the first that is shown. */
function readDays(prompt: string, { isTrained }: { isTrained: boolean }): string {
  const team = Number(prompt.match(/does team (\d+) have/)![1]);
  const days = (of: number) => prompt.match(new RegExp(`Team ${of} answers within (\\d+) days`))![1];
  return `${days(isTrained || team % 2 === 0 ? team : team + 1)} days`;
}

describe("every example runs to its end", async () => {
  const files = (await readdir(examples)).filter((name) => name.endsWith(".ts"));
  for (const file of files) {
    const { needs = [], prepare, check } = settings[file] ?? {};
    const lacking = needs.filter((path) => !existsSync(path));
    it.skipIf(lacking.length > 0)(`${file}${needs.length > 0 ? ` (needs ${needs.join(", ")})` : ""}`, async () => {
      const place = await mkdtemp(join(tmpdir(), "example-"));
      const { args = [], env = {}, close } = (await prepare?.(place)) ?? {};
      try {
        const { stdout, stderr } = await promisify(execFile)(
          process.execPath,
          ["--conditions=@rag-instruct/source", join(examples, file), ...args],
          { cwd: place, env: { ...process.env, ...env } },
        );
        expect(stdout).not.toBe("");
        expect(stderr).toBe("");
        await check?.(stdout, place);
      } finally {
        await close?.();
        await rm(place, { recursive: true, force: true });
      }
    });
  }

  it.skipIf(!chromiumPath)("browser/index.html (needs Chromium)", async () => {
    requireBuilt();
    await using server = await servePage(await readFile(join(examples, "browser/index.html"), "utf8"));
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const faults: unknown[] = [];
      page.on("pageerror", (error) => faults.push(error));
      await page.goto(server.url);
      await page.getByText('<document number="2">').waitFor();
      expect(JSON.parse((await page.locator("#read").textContent())!)).toEqual({
        ...{ ok: true, answer: "96 kilometres" },
        question: "How long is the river that the bridge of 1932 crosses?",
      });
      await page.getByLabel("Paradigm").selectOption("single-doc-answer");
      expect(await page.locator("#prompt").textContent()).toMatch(/single-doc-answer takes 1 documents, not 2/);
      await page.getByLabel("Documents").fill("The <script>globalThis.pwned=1</script> tower is 96 metres high.");
      expect(await page.locator("#prompt").textContent()).toContain("tower is 96 metres high.");
      await page.getByLabel("What a model replied").fill("Certainly!");
      expect(await page.locator("#read").textContent()).toMatch(/"ok": false/);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
