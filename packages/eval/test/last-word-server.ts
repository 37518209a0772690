// A model server that completes a prompt by the last word of its first paragraph: node last-word-server.ts --port PORT
import { createServer } from "node:http";

const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  response.writeHead(200, { "content-type": "application/json" });
  if (request.url === "/v1/models") {
    response.end(JSON.stringify({ data: [{ id: "last-word" }] }));
    return;
  }
  const { prompt } = JSON.parse(body) as { prompt: string };
  const text = /\[1\] .* (\w+)\./.exec(prompt)?.[1] ?? "";
  const usage = { prompt_tokens: 9, completion_tokens: 1 };
  response.end(JSON.stringify({ choices: [{ text, finish_reason: "stop" }], usage }));
}).listen(port, "127.0.0.1");
