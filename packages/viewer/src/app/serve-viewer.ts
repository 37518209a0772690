import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { basename, resolve } from "node:path";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { requireRun } from "@rag-instruct/core/node";
import { styles } from "@rag-instruct/core/page";
import { Hono } from "hono";
import { compareRuns } from "../compare-runs.ts";
import type { RunEntry } from "./api.ts";
import { appStyles } from "./app-styles.ts";
import { Guard } from "./guard.ts";
import { runRoutes } from "./run-routes.ts";
import { trialRoutes } from "./trial-routes.ts";
import type { ViewerTools } from "./viewer-tools.ts";

/** Options of {@link serveViewer}. */
export interface ServeViewerOptions extends ViewerTools {
  /** Run folders. */
  runs: readonly string[];
  /** @default one that is free */
  port?: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/** A viewer that listens. */
export interface Viewer extends Closable {
  /** The address to open, with its token; it lets one browser in. */
  url: string;
  port: number;
  /** Resolves when it has ended. */
  closed: Promise<void>;
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves run folders on 127.0.0.1 for one browser, to watch, read and review. Nothing of a run is written but `reviews.jsonl`, and
 * nothing is asked of any network. Throws `file-missing` for a folder that is no run, and `port-in-use`.
 * @example
 * await using viewer = await serveViewer({ runs: ["run"] });
 * console.log(viewer.url);
 */
export async function serveViewer(options: ServeViewerOptions): Promise<Viewer> {
  const { runs, port: wanted = 0, signal } = options;
  for (const run of runs) await requireRun(run);
  const guard = new Guard();
  const app = new Hono();
  let port = wanted;
  app.use(async (context, next) => {
    await next();
    context.header("Content-Security-Policy", policy);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
  });
  app.use(guard.check(() => port));
  app.onError((error, context) => {
    const status = RagInstructError.is(error) ? 400 : 500;
    return context.json({ error: error.message }, status);
  });
  const script = await pageScript();
  app.get("/", (context) => context.html(page));
  app.get("/app.js", (context) => context.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" }));
  app.get("/app.css", (context) =>
    context.body(`${styles}${appStyles}`, 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  const entries = runs.map(
    (run, number): RunEntry => ({
      number,
      name: basename(resolve(run)),
      path: run,
      trial: number === 0 ? options.trial?.instructions : undefined,
    }),
  );
  app.get("/api/runs", (context) => context.json(entries));
  app.get("/api/compare", async (context) => {
    const [first, second] = ["first", "second"].map((side) => runs[Number(context.req.query(side))]);
    if (first === undefined || second === undefined)
      throw new RagInstructError("bad-option", "two runs of the list are compared");
    return context.json(await compareRuns(first, second, { signal }));
  });
  if (options.trial) app.route("/api/trial", trialRoutes(options.trial, { signal }));
  for (const [number, run] of runs.entries()) app.route(`/api/runs/${number}`, runRoutes(run, options));
  const server = createAdaptorServer({ fetch: app.fetch });
  port = await listen(server, wanted);
  let end = () => {};
  const closed = new Promise<void>((done) => {
    end = done;
  });
  const close = async () => {
    server.close(() => end());
    // A page that watches holds its connection open.
    if ("closeAllConnections" in server) server.closeAllConnections();
    await closed;
  };
  signal?.addEventListener("abort", () => void close(), { once: true });
  return { url: `http://127.0.0.1:${port}/?token=${guard.token}`, port, closed, close, [Symbol.asyncDispose]: close };
}

function listen(server: ServerType, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const message =
        error.code === "EADDRINUSE"
          ? `port ${port} is in use; name another one, or none for one that is free`
          : error.message;
      fail(new RagInstructError("bad-option", message, { cause: error }));
    });
    server.listen(port, "127.0.0.1", () => done((server.address() as AddressInfo).port));
  });
}

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>RAG-Instruct</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/app.css">
</head>
<body>
<div id="app"><noscript><p class="notice">This page needs its script.</p></noscript></div>
<script src="/app.js"></script>
</body>
</html>
`;

/** The browser's part, `page/viewer.tsx`, as tsup bundles it into one script. */
async function pageScript(): Promise<string> {
  const isSource = import.meta.url.endsWith(".ts");
  const file = new URL(isSource ? "../../dist/viewer.js" : "./viewer.js", import.meta.url);
  return readFile(file, "utf8").catch((cause) => {
    const message = `the script of the viewer is not there (${file.pathname}); run pnpm build`;
    throw new RagInstructError("file-missing", message, { cause });
  });
}
