import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));
// Where a plain `npm install @rag-instruct/paradigms` puts what a page imports, and where it lies here.
const places = {
  "/node_modules/@rag-instruct/core/": "core/",
  "/node_modules/@rag-instruct/paradigms/": "paradigms/",
  "/node_modules/jsonrepair/": "paradigms/node_modules/jsonrepair/",
  "/node_modules/zod/": "paradigms/node_modules/zod/",
};
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

/** Serves a page on loopback, beside the built packages as npm would lay them out. */
export async function servePage(html: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const from = Object.entries(places).find(([prefix]) => path.startsWith(prefix));
    const file = from && join(packages, from[1], normalize(path.slice(from[0].length)));
    const body = path === "/" ? html : file && (await readFile(file).catch(() => undefined));
    const type = types[extname(path) || ".html"] ?? "text/plain";
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
