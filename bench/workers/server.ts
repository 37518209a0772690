import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// An endpoint that costs next to nothing and answers after a fixed time, in a process of its own.
const latency = Number(process.argv[2] ?? 1000);
const content = JSON.stringify({ question: "Who kept the light?", answer: "The keeper did, for forty years." });
const body = JSON.stringify({
  id: "reply",
  object: "chat.completion",
  created: 0,
  model: "any",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  usage: { prompt_tokens: 900, completion_tokens: 60, total_tokens: 960 },
});
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => setTimeout(() => response.setHeader("content-type", "application/json").end(body), latency));
});
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`));
