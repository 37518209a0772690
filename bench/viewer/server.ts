// Serves a run to the bench, and says what its memory holds when it is asked: `server.ts <run>`.
import { serveViewer } from "@rag-instruct/viewer";

const viewer = await serveViewer({ runs: [process.argv[2]!] });
process.on("message", () => {
  globalThis.gc?.();
  process.send!({ heap: process.memoryUsage().heapUsed });
});
process.send!({ url: viewer.url });
