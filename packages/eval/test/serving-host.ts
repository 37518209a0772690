// A process that serves a model and then stays, crashes or ends: node serving-host.ts COMMAND LOG stay|crash|end
import { serveModel } from "../src/serve/serve-model.ts";

const [command = "", log = "", then] = process.argv.slice(2);
await serveModel({ command, log, grace: 200 });
if (then === "stay") {
  process.stdout.write("up\n");
  setInterval(() => {}, 1000);
}
if (then === "crash") throw new Error("boom");
