import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "killed-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A server that answers every request after the same time, and knows which answers it has handed to the system. */
async function openServer(latency: number, { onSent }: { onSent: (count: number) => void }) {
  const sent = new Set<string>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { messages } = JSON.parse((await request.toArray()).join("")) as { messages: { content: string }[] };
    const prompt = messages.at(-1)!.content;
    asked.push(prompt);
    setTimeout(() => {
      const message = { role: "assistant", content: `reply to ${prompt}` };
      const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
      response.on("finish", () => onSent(sent.add(prompt).size));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "1", choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
    }, latency);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    sent,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function start(url: string, ledger: string, read: string) {
  const script = join(import.meta.dirname, "../../test/kill-child.ts");
  const args = ["--conditions=@rag-instruct/source", "--no-warnings", script, url, ledger, read];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  return { child, ended: once(child, "exit") };
}

// How many answers have come when the process is killed; all of them where RAG_INSTRUCT_KILLS is set.
const moments =
  process.env.RAG_INSTRUCT_KILLS === undefined ? [210] : Array.from({ length: 10 }, (_, i) => 120 + i * 23);

// How many have come and are not read is a matter of how busy the machine is; all that are under way at the worst.
const inFlight = 64;

it.each(moments)(
  "kill -9 after %i answers loses what had come and was not read, and what was on the wire",
  async (count) => {
    const [ledger, read] = [join(folder, "ledger.jsonl"), join(folder, "read.txt")];
    let answered = new Set<string>();
    let kill = () => {};
    await using server = await openServer(200, {
      onSent(sent) {
        if (sent !== count || answered.size > 0) return;
        answered = new Set(server.sent);
        kill();
      },
    });
    const first = start(server.url, ledger, read);
    kill = () => first.child.kill("SIGKILL");
    await first.ended;
    const readBefore = (await readFile(read, "utf8")).split("\n").filter(Boolean);
    const before = server.asked.length;
    const again = start(server.url, ledger, join(folder, "again.txt"));
    expect(await again.ended).toEqual([0, null]);
    const paidTwice = new Set(server.asked.slice(before).filter((prompt) => answered.has(prompt)));
    // What the process has read is in its ledger, however busy the machine is.
    expect(readBefore.filter((prompt) => paidTwice.has(prompt)).length).toBeLessThanOrEqual(1);
    expect(paidTwice.size).toBeLessThanOrEqual(inFlight);
    // What was on the wire is asked again, and nothing else.
    expect(server.asked.length).toBeLessThanOrEqual(400 + inFlight);
  },
);
