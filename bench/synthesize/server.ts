// A model's endpoint that costs next to nothing: one fixed answer after a fixed time.
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

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () =>
    setTimeout(() => {
      response.writeHead(200, headers);
      response.end(body);
    }, latency),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
