// A model's endpoint that costs next to nothing: one fixed answer after a fixed time. `node server.ts MILLISECONDS [fifth | forty]` refuses
// every fifth request, or what is more than forty in a second, with 429 and Retry-After: 1. GET says how many requests have come.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const latency = Number(process.argv[2]);
const content = JSON.stringify({
  question: "Which of the old stations on the northern line is meant here?",
  answer: "Kowalski",
});
const body = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 0,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  usage: { prompt_tokens: 400, completion_tokens: 30, total_tokens: 430 },
});
const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
const refusal = JSON.stringify({
  error: { message: "too many requests", type: "requests", code: "rate_limit_exceeded" },
});

let requests = 0;
let taken: number[] = [];
const refusals: Record<string, () => boolean> = {
  fifth: () => requests % 5 === 0,
  forty() {
    const now = performance.now();
    taken = taken.filter((at) => at > now - 1000);
    if (taken.length >= 40) return true;
    taken.push(now);
    return false;
  },
};
const refuses = refusals[process.argv[3] ?? ""] ?? (() => false);

const server = createServer((request, response) => {
  if (request.method === "GET") return response.end(String(requests));
  requests++;
  const isRefused = refuses();
  request.resume();
  request.on("end", () => {
    if (isRefused) {
      response.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
      return response.end(refusal);
    }
    setTimeout(() => {
      response.writeHead(200, headers);
      response.end(body);
    }, latency);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
