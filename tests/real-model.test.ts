import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isObject, type Pair, RagInstructError } from "@rag-instruct/core";
import type { LedgerEntry, TextReply } from "@rag-instruct/core/calls";
import { hubServer } from "@rag-instruct/core/testing";
import { verify } from "@rag-instruct/simulate";
import { type ModelChoice, type RunSummary, ragInstruct } from "rag-instruct";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { ggufFile, hasLlamaServer, llamaServer } from "./support/llama-server.ts";
import { jsonl } from "./support/run-files.ts";

const pages: Record<string, string> = {
  ferry:
    "The ferry to Northey island leaves the east pier at seven, at noon and at five. Bicycles travel free. In a storm it stays in the harbour, and tickets are taken back at the kiosk.",
  bakery:
    "The bakery in Mill Lane bakes rye bread on Mondays and Thursdays. Its oven was built in 1911 by two brothers from Leeds and still burns beech wood. Cakes are made to order within three days.",
  library:
    "The town library lends books for four weeks and films for one. Children under twelve borrow without a card when a parent signs. A late book costs ten pence a day, and no more than its price.",
  bees: "Honey bees fly out when the air is warmer than twelve degrees. A hive needs about fifteen kilograms of honey for the winter, so the keeper takes none after August and feeds sugar if the summer was wet.",
  bridge:
    "The iron bridge over the Wend carries carts of up to three tonnes. It was closed for a year after the flood of 1947, when two piers moved, and has been measured every spring since then.",
  garden:
    "Tomatoes are sown indoors in March and planted out after the last frost. They want water at the root, not on the leaf, and side shoots are pinched out each week until the first fruit is red.",
};

// The model computes for some twenty seconds, which take minutes on a machine that has other work.
const timeout = 900_000;

let folder: string;
let corpus: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "real-model-"));
  corpus = join(folder, "corpus");
  await mkdir(corpus);
  for (const [name, text] of Object.entries(pages))
    await writeFile(join(corpus, `${name}.md`), `# ${name}\n\n${text}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Has a model write a pair or two. A model of this size may fail at all of them; what it accepted passes the checks once more. */
async function writeSome(name: string, model: ModelChoice, pairs: Record<string, number>) {
  const to = join(folder, name);
  const settings = { maxOutputTokens: 40, temperature: 0.4, seed: 7 };
  const config = {
    to,
    corpus: { from: corpus },
    model,
    settings,
    pairs,
    documents: 3,
    beyond: 0,
    depth: 6,
    askAgain: 0,
  };
  const ended = await ragInstruct(config, { until: "synthesize" }).catch((error) => error);
  const replies = (await jsonl<LedgerEntry>(join(to, "ledger.jsonl"))).filter(({ value }) => isReply(value));
  expect(replies.length).toBeGreaterThanOrEqual(Object.keys(pairs).length);
  for (const { value, usage } of replies) {
    const { text, finishReason } = value as TextReply;
    expect(usage!.inputTokens).toBeGreaterThan(200);
    expect(usage!.outputTokens).toBeLessThanOrEqual(settings.maxOutputTokens);
    // Whatever the model thinks of, the grammar holds it to the form.
    if (finishReason === "stop") expect(JSON.parse(text)).toMatchObject({ question: expect.any(String) });
    else expect([finishReason, usage!.outputTokens]).toEqual(["length", settings.maxOutputTokens]);
  }
  if (RagInstructError.is(ended, "reply-unusable")) {
    expect(ended.message).toMatch(/^none of \d+ pairs was accepted, /);
    return { config, replies, accepted: [] };
  }
  const { counts, spent } = (ended as RunSummary).stages.at(-1)!;
  expect(counts.accepted! + counts.rejected! + counts.failed!).toBe(counts.requested);
  expect(counts.failed).toBe(0);
  expect(ended.calls).toMatchObject({ made: replies.length, retried: 0, usd: 0 });
  expect(spent).toMatchObject({ "calls made": replies.length });
  const accepted = await jsonl<Pair>(join(to, "pairs.jsonl"));
  expect(accepted).toHaveLength(counts.accepted!);
  for await (const outcome of verify({ pairs: accepted, level: "lexical" })) expect(outcome.status).toBe("accepted");
  return { config, replies, accepted };
}

function isReply(value: unknown): value is TextReply {
  return isObject(value) && typeof value.text === "string";
}

it.skipIf(!ggufFile)(
  "a model in this process writes without a key or a server, and keeps what it wrote (needs RAG_INSTRUCT_GGUF)",
  async () => {
    const model = { gguf: ggufFile!, gpu: false, threads: 1 } as const;
    const { config, replies, accepted } = await writeSome("here", model, { "single-doc-support": 1 });
    for (const pair of accepted) expect(pair.model).toMatch(/^.*\.gguf@[0-9a-f]{8}$/);
    const whole = await ragInstruct({ ...config, concurrency: 3 }).catch((error) => error);
    const after = (await jsonl<LedgerEntry>(join(config.to, "ledger.jsonl"))).filter(({ value }) => isReply(value));
    expect(after.slice(0, replies.length)).toEqual(replies);
    // A pair whose question no other document shares a word with finds no noise.
    if (RagInstructError.is(whole))
      return expect(whole.code).toMatch(/^(?:corpus-(?:empty|too-small)|reply-unusable)$/);
    expect(whole.model).toMatch(/^rag-instruct\.gguf\/.*\.gguf@[0-9a-f]{8}$/);
    const manifest = JSON.parse(await readFile(join(config.to, "manifest.json"), "utf8"));
    expect(manifest.options.model).toEqual({ gguf: basename(ggufFile!) });
    expect(manifest.notice).toBeUndefined();
  },
  timeout,
);

it.skipIf(!hasLlamaServer)(
  "llama.cpp's own HTTP server writes pairs (needs RAG_INSTRUCT_GGUF, RAG_INSTRUCT_PYTHON and RAG_INSTRUCT_LLAMA_SERVER)",
  async () => {
    await using server = await llamaServer();
    const { accepted } = await writeSome("http", { name: "small", baseUrl: server.url }, { "single-doc-answer": 1 });
    for (const { model } of accepted) expect(model).toBe("small");
  },
  timeout,
);

it.skipIf(!ggufFile)(
  "the doctor tries a model of the hub once it is here (needs RAG_INSTRUCT_GGUF)",
  async () => {
    const content = new Uint8Array(await readFile(ggufFile!));
    await using hub = await hubServer({ model: "made/small", files: { "small.gguf": content } });
    const env = { HF_ENDPOINT: hub.url, HF_HUB_CACHE: join(folder, "cache"), HF_TOKEN: "" };
    const doctor = async (model: string, more: Record<string, string> = {}) => {
      const flags = ["--model", model, "--set", "model.gpu=false", "--max-tokens", "20", "--json"];
      const { stdout } = await runCli(["doctor", corpus, ...flags], { cwd: folder, env: { ...env, ...more } });
      const { checks } = JSON.parse(stdout) as {
        checks: { name: string; status: string; found: string; mend?: string }[];
      };
      return checks.find(({ name }) => name === "model")!;
    };
    expect(await doctor("hf:made/small/small.gguf")).toMatchObject({
      status: "warning",
      found: "hf:made/small/small.gguf is not on this machine yet",
    });
    expect(hub.requests).toEqual([]);
    const missing = await doctor("./missing.gguf");
    expect([missing.status, missing.found]).toEqual([
      "failed",
      "there is no model at ./missing.gguf; name a GGUF file",
    ]);
    const { downloadGguf } = await import("@rag-instruct/embed");
    const model = "hf:made/small/small.gguf";
    await downloadGguf({ model, endpoint: hub.url, cacheDir: env.HF_HUB_CACHE, offline: false });
    expect(await doctor(model)).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/^rag-instruct\.gguf\/hf:made.* answers in/),
    });
  },
  timeout,
);
