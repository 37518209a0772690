import { spawn } from "node:child_process";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { basename, resolve } from "node:path";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { type Closable, programName, RagInstructError } from "@rag-instruct/core";
import { requireRun } from "@rag-instruct/core/node";
import { styles } from "@rag-instruct/core/page";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { compareRuns } from "../compare-runs.ts";
import type { RunEntry } from "./api.ts";
import { runRoutes, trialRoutes } from "./routes.ts";
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
 * nothing is asked of any network. Throws `file-missing` for a folder that is no run, and `bad-option` for a port
 * that is in use.
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
  app.get("/", (context) => context.html(page()));
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

const page = () => `<!doctype html>
<html lang="en" data-program="${programName()}">
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

/** Lets in the one browser that came by the printed address: everything else on the machine or in another tab's page is refused. */
class Guard {
  /** Stands in the printed address, and opens the door once. */
  readonly token = randomBytes(24).toString("base64url");
  readonly #session = randomBytes(24).toString("base64url");
  #isUsed = false;

  /**
   * Refuses a foreign Host (a page that has its name resolve to this machine), a foreign Origin, and whoever has no cookie.
   * @param port where the viewer listens
   */
  check(port: () => number): MiddlewareHandler {
    return async (context, next) => {
      const own = [`127.0.0.1:${port()}`, `localhost:${port()}`];
      const host = context.req.header("host") ?? "";
      if (!own.includes(host)) return context.text("This host is not the viewer's.", 403);
      const origin = context.req.header("origin");
      const isForeign = origin !== undefined && !own.some((name) => origin === `http://${name}`);
      const site = context.req.header("sec-fetch-site");
      if (isForeign || (context.req.method !== "GET" && site !== undefined && site !== "same-origin"))
        return context.text("This origin is not the viewer's.", 403);
      const cookie = `viewer-${port()}`;
      if (isSame(getCookie(context, cookie), this.#session)) return await next();
      return this.#letIn(context, cookie);
    };
  }

  #letIn(context: Context, cookie: string): Response {
    const given = context.req.query("token");
    if (context.req.path !== "/" || this.#isUsed || !isSame(given, this.token))
      return context.text(`Open the address that ${programName()} view has printed; it lets one browser in.`, 403);
    this.#isUsed = true;
    setCookie(context, cookie, this.#session, { httpOnly: true, sameSite: "Strict", path: "/" });
    return context.redirect("/", 303);
  }
}

function isSame(given: string | undefined, wanted: string): boolean {
  const [one, other] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** What the viewer has beside the report's style sheet: buttons, the live strip, decisions and forms. */
const appStyles = `
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--strong-line); border-radius: 8px; padding: .45rem .9rem; min-height: 2.6rem; cursor: pointer; }
button:hover { box-shadow: inset 0 0 0 1px currentColor; } button.accept { border-color: var(--accepted); color: var(--accepted); font-weight: 600; } button.reject { border-color: var(--rejected); color: var(--rejected); font-weight: 600; }
kbd { font: .8em ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 0 .3em; color: var(--quiet); background: var(--paper); }
header select { min-height: 2rem; padding: .1rem .4rem; font-size: .85rem; }
.live { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; margin-bottom: 1rem; border-left: 4px solid var(--accepted); }
table.made { width: 100%; border-collapse: collapse; font-size: .9rem; } .made th, .made td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; } .made thead th { color: var(--quiet); font-size: .75rem; overflow-wrap: normal; } .made tbody th { font-weight: 500; } .made tr + tr { border-top: 1px solid var(--line); }
.reasons { margin: 0; padding-left: 1.2rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .8rem 0; } .decision { font-weight: 600; overflow-wrap: anywhere; } .decision.accepted { color: var(--accepted); } .decision.rejected { color: var(--rejected); } .decision.edited { color: var(--noise); }
.rejecting, .editor { display: block; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .8rem; margin: .6rem 0; } .rejecting > *, .editor > * { margin-bottom: .5rem; } .rejecting label, .editor label { display: block; font-size: .85rem; color: var(--quiet); margin-bottom: .15rem; }
.rejecting button, .editor button { margin-right: .5rem; }
textarea { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--strong-line); border-radius: 8px; padding: .45rem .6rem; resize: vertical; }
.buttons { display: flex; align-items: flex-end; } .keys { margin: 0 0 .8rem; } #examples > .card { margin-bottom: .8rem; padding: .6rem 1.2rem; } #examples > .card h2 { display: none; } #examples > .card p { display: inline; margin-right: 1rem; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; } .two > * { min-width: 0; } .two ul { padding-left: 1.2rem; }
main > .card { margin-bottom: 1rem; }
@media print { .actions, .keys, .live button { display: none; } }
@media (max-width: 36rem) { table.made { display: block; overflow-x: auto; } .made th, .made td { padding-right: .4rem; font-size: .8rem; } }
`;

const openers: Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address with whatever opens its kind on this machine. Gives what to do where nothing does, else undefined. */
export async function openPage(address: string): Promise<string | undefined> {
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  try {
    await once(child, "spawn");
    child.unref();
    return undefined;
  } catch {
    return `nothing here opens a page (${command} is not there); open ${address} in a browser`;
  }
}
