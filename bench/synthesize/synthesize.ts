// What the engine costs beside the model: throughput, memory, and how soon a long ledger is open.
// pnpm exec node --conditions=@rag-instruct/source bench/synthesize/synthesize.ts [throughput | refusals | memory | batch | resume]
// `refusals` runs curator beside it where CURATOR_PYTHON names a Python that has it: pip install bespokelabs-curator==0.1.31
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { hashOf, mapOrdered } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { synthesize } from "@rag-instruct/simulate";
import { makeTasks } from "./tasks.ts";

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
const folder = await mkdtemp(join(tmpdir(), "bench-synthesize-"));
const seconds = (since: number) => (performance.now() - since) / 1000;
const megabytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

function withServer<T>(latency: number, action: (url: string) => Promise<T>): Promise<T> {
  return withProcess("server.ts", [String(latency)], action);
}

async function withProcess<T>(name: string, args: string[], action: (url: string) => Promise<T>): Promise<T> {
  const command = [...process.execArgv, join(import.meta.dirname, name), ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = await once(child.stdout, "data");
    return await action(`http://127.0.0.1:${String(port).trim()}/v1`);
  } finally {
    child.kill();
  }
}

/**
 * Pairs a second by `synthesize`, in all and since the first two rounds, in which the number of calls at the same time grows; and the
 * most memory it stood at in each half of the tasks.
 */
async function ours(
  url: string,
  { count, concurrency, ledger = "" }: { count: number; concurrency: number; ledger?: string },
) {
  const model = createOpenAICompatible({ name: "bench", baseURL: url, supportsStructuredOutputs: true })("m");
  const calls = await openCalls({
    ledger: join(folder, `${count}-${concurrency}${ledger}.jsonl`),
    concurrency: { max: concurrency },
  });
  const started = performance.now();
  let accepted = 0;
  let grown = started;
  const peaks: [number, number] = [0, 0];
  for await (const { status } of synthesize({ tasks: makeTasks(count), model, calls, concurrency: concurrency * 2 })) {
    if (status === "accepted") accepted++;
    if (accepted === 2 * concurrency) grown = performance.now();
    const half = accepted * 2 <= count ? 0 : 1;
    if (accepted % 1000 === 0) peaks[half] = Math.max(peaks[half], megabytes());
  }
  const rate = count / seconds(started);
  const steady = (count - 2 * concurrency) / seconds(grown);
  await calls.close();
  if (accepted !== count) throw new Error(`${accepted} of ${count} accepted`);
  return { rate, steady, peaks };
}

/** The same number of questions by the call engine alone: nothing is checked but that something came. */
async function askOnly(url: string, { count, concurrency }: { count: number; concurrency: number }): Promise<number> {
  const model = createOpenAICompatible({ name: "bench", baseURL: url, supportsStructuredOutputs: true })("m");
  await using calls = await openCalls({
    ledger: join(folder, `ask-${count}.jsonl`),
    concurrency: { max: concurrency },
  });
  const started = performance.now();
  const ask = ({ documents }: { documents: { text: string }[] }) =>
    calls.ask({ model, prompt: documents[0]!.text, version: "1" });
  for await (const { text } of mapOrdered(makeTasks(count), ask, { concurrency: concurrency * 2 }))
    if (text === "") throw new Error("an empty reply");
  return count / seconds(started);
}

/** The same number of requests by fetch alone. */
async function bare(url: string, { count, concurrency }: { count: number; concurrency: number }): Promise<number> {
  const started = performance.now();
  const ask = async ({ documents }: { documents: { text: string }[] }) => {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: documents[0]!.text }] });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
    return response.json();
  };
  for await (const _ of mapOrdered(makeTasks(count), ask, { concurrency }));
  return count / seconds(started);
}

async function throughput(): Promise<void> {
  await withServer(1000, async (url) => {
    await ours(url, { count: 256 * 2, concurrency: 256 });
    const { rate, steady } = await ours(url, { count: 256 * 40, concurrency: 256 });
    const ofIdeal = (perSecond: number) => `${((perSecond / 256) * 100).toFixed(1)}% of ideal`;
    console.log(
      `replies after 1 s, 256 at a time: ${rate.toFixed(0)} calls/s, ${ofIdeal(rate)}; ${ofIdeal(steady)} once 256 are out`,
    );
  });
  await withServer(50, async (url) => {
    await ours(url, { count: 2000, concurrency: 200 });
    const { rate } = await ours(url, { count: 12_000, concurrency: 200 });
    const asked = await askOnly(url, { count: 12_000, concurrency: 200 });
    const fetched = await bare(url, { count: 12_000, concurrency: 200 });
    console.log(
      `replies after 50 ms, 200 at a time: ${rate.toFixed(0)} pairs/s with their checks, ${asked.toFixed(0)} calls/s; bare fetch ${fetched.toFixed(0)}`,
    );
  });
}

async function memory(): Promise<void> {
  await withServer(20, async (url) => {
    const { rate, peaks } = await ours(url, { count: 100_000, concurrency: 128 });
    console.log(`100,000 tasks: ${peaks.join(" and ")} MB at most in each half, ${rate.toFixed(0)} calls/s`);
  });
}

/** Memory while ten thousand tasks, as many as wait at once, go through a batch. */
async function batch(): Promise<void> {
  const count = 10_000;
  await withProcess("batch-server.ts", [], async (url) => {
    const model = createOpenAICompatible({ name: "bench", baseURL: url, supportsStructuredOutputs: true })("m");
    const poll = { from: 1000, to: 1000 };
    const before = megabytes();
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, megabytes());
    }, 20);
    const started = performance.now();
    await using calls = await openCalls({ ledger: join(folder, "batch.jsonl"), batch: { poll } });
    let accepted = 0;
    for await (const { status } of synthesize({ tasks: makeTasks(count), model, calls }))
      if (status === "accepted") accepted++;
    clearInterval(timer);
    if (accepted !== count) throw new Error(`${accepted} of ${count} accepted`);
    console.log(`10,000 tasks in a batch: ${before} MB before, ${peak} MB at most, ${seconds(started).toFixed(0)} s`);
  });
}

async function resume(): Promise<void> {
  const path = join(folder, "million.jsonl");
  const file = createWriteStream(path);
  for (let i = 0; i < 1_000_000; i++) {
    const entry = {
      key: hashOf(i),
      model: "m",
      usage: { inputTokens: 400, outputTokens: 30 },
      usd: 0.001,
      value: { text: "x".repeat(400), finishReason: "stop" },
    };
    if (!file.write(`${JSON.stringify(entry)}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  const before = megabytes();
  for (const budget of [undefined, { usd: 10_000 }]) {
    const started = performance.now();
    const calls = await openCalls({ ledger: path, budget });
    console.log(
      `ledger of 1,000,000 open after ${seconds(started).toFixed(1)} s${budget ? " with a budget" : ""}, ${megabytes() - before} MB more`,
    );
    await calls.close();
  }
}

/** Four hundred pairs, 64 calls at a time, from endpoints that refuse: ours, and curator's. */
async function refusals(): Promise<void> {
  const named = { fifth: "every fifth request refused", forty: "forty requests a second, more refused" };
  const requestsOf = async (url: string) => Number(await (await fetch(url)).text());
  for (const [name, title] of Object.entries(named)) {
    await withProcess("server.ts", ["200", name], async (url) => {
      const started = performance.now();
      await ours(url, { count: 400, concurrency: 64, ledger: name });
      console.log(`${title}: ${seconds(started).toFixed(1)} s, ${await requestsOf(url)} requests`);
    });
    const python = process.env.CURATOR_PYTHON;
    if (!python) continue;
    await withProcess("server.ts", ["200", name], async (url) => {
      const args = [join(import.meta.dirname, "curator_peer.py"), url];
      // Its progress goes to standard error, and is long.
      const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 28 });
      console.log(`${title}, curator: ${stdout.trim().split("\n").at(-1)}, ${await requestsOf(url)} requests`);
    });
  }
}

const parts: Record<string, () => Promise<void>> = { throughput, refusals, memory, batch, resume };
try {
  for (const name of process.argv[2] ? [process.argv[2]] : Object.keys(parts)) await parts[name]!();
} finally {
  await rm(folder, { recursive: true, force: true });
}
