import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tally } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evaluate } from "./evaluate.ts";
import type { EvalItem } from "./item.ts";

let folder: string;
let server: Server;
let baseURL: string;
let requests: Record<string, unknown>[];
let reply: (prompt: string) => { status?: number; body: unknown };

const items: EvalItem[] = [
  {
    id: "1",
    question: "Which river runs through Vienna?",
    golds: ["Danube"],
    documents: [{ id: "p1", title: "Vienna", text: "Vienna lies on the Danube." }],
  },
  { id: "2", question: "Which river runs through Paris?", golds: ["Seine"] },
  { id: "3", question: "Which river runs through Rome?", golds: ["Tiber"] },
];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evaluate-"));
  requests = [];
  reply = (prompt) => ({
    body: { choices: [{ text: prompt.includes("Vienna") ? " The Danube." : "No idea", finish_reason: "stop" }] },
  });
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const parsed = JSON.parse(body) as Record<string, unknown>;
    requests.push({ url: request.url, ...parsed });
    const answer = reply(String(parsed.prompt));
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function calls(options: { attempts?: number } = {}) {
  return openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 1, ...options });
}

describe("evaluate", () => {
  it("asks raw completions with the rendered prompt and scores in the order of the items", async () => {
    await using paid = await calls();
    const renderChat = (prompt: string) => `<user>${prompt}<assistant>`;
    const model = { baseURL, model: "default", renderChat };
    const outcomes = await Array.fromAsync(
      evaluate({ benchmark: "webquestions", items, model, calls: paid, sampling: "published" }),
    );
    expect(outcomes.map(({ id, status }) => [id, status])).toEqual([
      ["1", "accepted"],
      ["2", "accepted"],
      ["3", "accepted"],
    ]);
    expect(outcomes.map((outcome) => outcome.status === "accepted" && outcome.value.score.correct)).toEqual([
      true,
      false,
      false,
    ]);
    expect(outcomes[0]).toMatchObject({
      value: { reference: { correct: true }, answerInDocuments: true, documents: 1, closedBook: false },
    });
    expect(outcomes[1]).toMatchObject({ value: { documents: 0, closedBook: true } });
    expect(requests.find(({ prompt }) => String(prompt).includes("Vienna"))).toEqual({
      url: "/v1/completions",
      model: "default",
      prompt:
        "<user>### Paragraph:\n[1] Vienna lies on the Danube.\n\n### Instruction:\nWhich river runs through Vienna?\n<assistant>",
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 500,
    });
  });

  it("takes what was answered before from the ledger", async () => {
    const run = async () => {
      await using paid = await calls();
      await Array.fromAsync(
        evaluate({ benchmark: "webquestions", items, model: { baseURL, model: "m" }, calls: paid }),
      );
      return paid.summary();
    };
    expect(await run()).toMatchObject({ made: 3, reused: 0 });
    expect(await run()).toMatchObject({ made: 0, reused: 3 });
    expect(requests).toHaveLength(3);
  });

  it("accounts for every item when calls fail", async () => {
    reply = (prompt) =>
      prompt.includes("Paris")
        ? { status: 400, body: { error: { message: "too long" } } }
        : { body: { choices: [{ text: "Tiber" }] } };
    await using paid = await calls();
    const outcomes = await Array.fromAsync(
      evaluate({ benchmark: "webquestions", items, model: { baseURL, model: "m" }, calls: paid }),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["accepted", "failed", "accepted"]);
    expect(outcomes[1]).toMatchObject({
      id: "2",
      input: { id: "2" },
      error: { message: expect.stringContaining("too long") },
    });
  });

  it("pays for nothing twice after a run that was left in the middle", async () => {
    const paid: number[] = [];
    for (const take of [1, 3]) {
      await using each = await calls();
      let taken = 0;
      for await (const outcome of evaluate({
        benchmark: "popqa",
        items,
        model: { baseURL, model: "m" },
        calls: each,
        concurrency: 1,
      })) {
        expect(outcome.status).toBe("accepted");
        if (++taken === take) break;
      }
      paid.push(each.summary().made);
    }
    expect(paid[0]! + paid[1]!).toBe(3);
    expect(requests).toHaveLength(3);
  });

  it("rejects what cannot be scored before it is asked", async () => {
    await using paid = await calls();
    const odd = [items[0]!, items[0]!, { id: "4", question: "q", golds: [] }];
    const outcomes = await Array.fromAsync(
      evaluate({ benchmark: "popqa", items: odd, model: { baseURL, model: "m" }, calls: paid }),
    );
    const choice = evaluate({
      benchmark: "arc-challenge",
      items: [items[1]!],
      model: { baseURL, model: "m" },
      calls: paid,
    });
    const all = [...outcomes, ...(await Array.fromAsync(choice))];
    expect(all.map((outcome) => (outcome.status === "rejected" ? outcome.reason : outcome.status))).toEqual([
      "accepted",
      "duplicate-id",
      "missing-gold",
      "missing-option",
    ]);
    expect(requests).toHaveLength(1);
    expect(await tally(all)).toMatchObject({ requested: 4, accepted: 1, rejected: 3, failed: 0 });
  });

  it("goes on from the ledger when a named server has moved to another port", async () => {
    const run = async (address: string) => {
      await using paid = await calls();
      await Array.fromAsync(
        evaluate({
          benchmark: "webquestions",
          items,
          model: { baseURL: address, model: "m", id: "mine" },
          calls: paid,
        }),
      );
      return paid.summary();
    };
    expect(await run(baseURL)).toMatchObject({ made: 3 });
    expect(await run("http://127.0.0.1:1/v1")).toMatchObject({ made: 0, reused: 3 });
  });

  it("refuses model ids and unknown samplings", async () => {
    await using paid = await calls();
    const ask = (options: object) =>
      Array.fromAsync(evaluate({ benchmark: "popqa", items, model: { baseURL, model: "m" }, calls: paid, ...options }));
    await expect(ask({ model: "gpt" })).rejects.toThrow(/"gpt" is an id/);
    await expect(ask({ sampling: "hot" })).rejects.toThrow(/no sampling "hot"; there are greedy, published/);
  });

  it("names empty, cut-off and very long answers and scores them all the same", async () => {
    reply = (prompt) => {
      if (prompt.includes("Vienna")) return { body: { choices: [{ text: "", finish_reason: "stop" }] } };
      if (prompt.includes("Paris"))
        return { body: { choices: [{ text: "la ".repeat(40_000), finish_reason: "length" }] } };
      return { body: { choices: [{ text: "Tiber", finish_reason: "stop" }] } };
    };
    await using paid = await calls();
    const outcomes = await Array.fromAsync(
      evaluate({ benchmark: "webquestions", items, model: { baseURL, model: "m" }, calls: paid }),
    );
    expect(outcomes.map((outcome) => outcome.status === "accepted" && outcome.value.notes)).toEqual([
      ["empty"],
      ["cut-off", "very-long"],
      [],
    ]);
  });

  it("asks a retriever in batches and shows what it finds, cut to the number asked for", async () => {
    const asked: number[] = [];
    const retriever = {
      id: "fake",
      retrieve: async (queries: readonly string[]) => {
        asked.push(queries.length);
        return queries.map((query) =>
          [1, 2, 3].map((rank) => ({
            passage: { id: `${rank}`, title: "", text: `${query} ${rank}` },
            score: 1 / rank,
            rank,
          })),
        );
      },
    };
    await using paid = await calls();
    await Array.fromAsync(
      evaluate({
        benchmark: "webquestions",
        items,
        model: { baseURL, model: "m" },
        calls: paid,
        retriever,
        documents: 2,
      }),
    );
    expect(asked).toEqual([3]);
    expect(requests.map(({ prompt }) => String(prompt).split("\n").slice(0, 4).join("|"))[0]).toMatch(
      /\[1\] .* 1\|\[2\] .* 2\|$/,
    );
  });

  it("stops when no call can succeed and when it is aborted", async () => {
    reply = () => ({ status: 401, body: { error: { message: "no" } } });
    await using paid = await calls();
    const model = { baseURL, model: "m" };
    const refused = Array.fromAsync(evaluate({ benchmark: "webquestions", items, model, calls: paid }));
    await expect(refused).rejects.toMatchObject({ code: "breaker-open" });
    const reason = new Error("enough");
    const aborted = Array.fromAsync(
      evaluate({ benchmark: "webquestions", items, model, calls: paid, signal: AbortSignal.abort(reason) }),
    );
    await expect(aborted).rejects.toBe(reason);
  });
});
