// A model server whose one model is "tiny": node model-server.ts PIDS [stubborn] [exit | wait] --port PORT
// It writes the ids of all its processes into the file PIDS. "stubborn": it and its children ignore SIGTERM, two have left its group,
// and the parent of one is gone. "exit": it ends before it is ready. "wait": it is ready only after a minute.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [pidFile = "", ...flags] = process.argv.slice(2);
const port = Number(flags[flags.indexOf("--port") + 1]);
const note = (pid: number | undefined) => appendFileSync(pidFile, `${pid}\n`);

note(process.pid);
process.stdout.write(`starting on ${port}\n`);
if (flags.includes("stubborn")) {
  process.on("SIGTERM", () => process.stdout.write("not now\n"));
  const idle = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
  note(spawn(process.execPath, ["-e", idle], { stdio: "ignore" }).pid);
  note(spawn(process.execPath, ["-e", idle], { stdio: "ignore", detached: true }).pid);
  const leaving = `const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(idle)}], { stdio: "ignore", detached: true });
child.unref();
require("node:fs").appendFileSync(${JSON.stringify(pidFile)}, child.pid + "\\n");`;
  await once(spawn(process.execPath, ["-e", leaving], { stdio: "ignore", detached: true }), "exit");
}
if (flags.includes("exit")) {
  process.stderr.write("out of memory\n");
  process.exit(3);
}
if (flags.includes("wait")) await sleep(60_000);
createServer((request, response) => {
  response.writeHead(request.url === "/v1/models" ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify({ data: [{ id: "tiny" }] }));
}).listen(port, "127.0.0.1");
