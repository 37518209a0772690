import { stopTree } from "./process-tree.ts";

// Runs as a process of its own beside a served model: when the process that started it is gone, however it ended, the
// pipe on stdin closes, and the server's processes are ended. "done" on the pipe says that there is nothing left to end.

const [marker = "", grace = "0"] = process.argv.slice(2);
let said = "";
process.stdin.setEncoding("utf8");
for await (const chunk of process.stdin) said += chunk;
const pid = Number(/^pid (\d+)$/m.exec(said)?.[1] ?? Number.NaN);
if (!/^done$/m.test(said)) await stopTree({ pid, marker }, { grace: Number(grace) });
