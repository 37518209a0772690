import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { chromiumPath } from "./support/chromium.ts";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const imports = {
  "@rag-instruct/core": "/core/dist/index.js",
  "@rag-instruct/paradigms": "/paradigms/dist/index.js",
  zod: "/paradigms/node_modules/zod/index.js",
  jsonrepair: "/paradigms/node_modules/jsonrepair/lib/esm/index.js",
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
    const page = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script><body><script type="module">${script}</script>`;
    const server = createServer(async (request, response) => {
      if (request.url === "/") return response.setHeader("content-type", "text/html").end(page);
      const file = await readFile(join(packages, normalize(request.url ?? "/"))).catch(() => undefined);
      response.writeHead(file ? 200 : 404, { "content-type": "text/javascript" }).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const profile = await mkdtemp(join(tmpdir(), "chromium-"));
    try {
      const quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
      ];
      const offline = ["--disable-background-networking", "--disable-component-update", `--user-data-dir=${profile}`];
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const { stdout } = await promisify(execFile)(chromiumPath!, [
        ...quiet,
        ...offline,
        "--virtual-time-budget=10000",
        "--dump-dom",
        address,
      ]);
      const text = stdout.match(/<body>([\s\S]*)<\/body>/)?.[1] ?? "";
      const shown = JSON.parse(text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));

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
      server.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  },
);
