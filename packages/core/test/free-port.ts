import { once } from "node:events";
import { createServer } from "node:net";

// Below what systems hand out to whoever asks for any port: between the look and the server's start, nobody is given it.
const range = { from: 15_000, to: 32_000 };

/** A port of loopback for a server that has to be told one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    const probe = createServer();
    try {
      await Promise.all([once(probe, "listening"), probe.listen(port, "127.0.0.1")]);
    } catch {
      continue;
    }
    probe.close();
    await once(probe, "close");
    return port;
  }
}
