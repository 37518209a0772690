import { expect, it } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { servePage } from "./support/package-server.ts";
import { requireBuilt } from "./support/packed.ts";

const imports = {
  "@rag-instruct/core": "./node_modules/@rag-instruct/core/dist/index.js",
  "@rag-instruct/paradigms": "./node_modules/@rag-instruct/paradigms/dist/index.js",
  zod: "./node_modules/zod/index.js",
  jsonrepair: "./node_modules/jsonrepair/lib/esm/index.js",
};

const script = `
import { hashOf, seededRandom } from "@rag-instruct/core";
import { paradigms, parseReply, renderPrompt } from "@rag-instruct/paradigms";
const documents = [{ id: "1", title: "Bridges", text: "The bridge was opened in 1932." }];
const { prompt, version } = renderPrompt({ paradigm: paradigms["single-doc-answer"], documents, exemplar: { question: "How tall?", task: "open" } });
const reply = parseReply("{'question': 'When?', 'answer': '1932',}", { task: "open" });
const result = { version, prompt, reply, hash: hashOf({ a: 1 }), random: seededRandom(7, "x").integer(1000) };
document.body.textContent = JSON.stringify(result);
`;

it.skipIf(!chromiumPath)(
  "core and paradigms run in a browser and say there what they say in Node (needs Chromium)",
  async () => {
    requireBuilt();
    const page = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script><body><script type="module">${script}</script>`;
    await using server = await servePage(page);
    const browser = await launchChromium();
    try {
      const tab = await browser.newPage();
      await tab.goto(server.url);
      await tab.waitForFunction('document.body.textContent.startsWith("{")');
      const shown = JSON.parse((await tab.locator("body").textContent())!);

      const { hashOf, seededRandom } = await import("@rag-instruct/core");
      const { paradigms, renderPrompt } = await import("@rag-instruct/paradigms");
      const documents = [{ id: "1", title: "Bridges", text: "The bridge was opened in 1932." }];
      const here = renderPrompt({
        paradigm: paradigms["single-doc-answer"],
        documents,
        exemplar: { question: "How tall?", task: "open" },
      });
      expect(shown).toEqual({
        version: here.version,
        prompt: here.prompt,
        reply: { ok: true, question: "When?", answer: "1932" },
        hash: hashOf({ a: 1 }),
        random: seededRandom(7, "x").integer(1000),
      });
    } finally {
      await browser.close();
    }
  },
);
