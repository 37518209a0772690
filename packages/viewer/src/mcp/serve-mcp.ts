import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
import { badOption, type OnProgress, type Progress, RagInstructError } from "@rag-instruct/core";
import { importPeer, requireRun } from "@rag-instruct/core/node";
import { z } from "zod";
import { RunIndex } from "../app/run-index.ts";
import type { AgentTools, ToolAnswer, ToolContext } from "../app/viewer-tools.ts";
import { pairOf, review, reviewInput } from "./review-tool.ts";

/** Options of {@link serveMcp}. */
export interface ServeMcpOptions {
  /** The run folder. */
  run: string;
  tools: AgentTools;
  /** Whether `preview` may write into the run, and `review` keep decisions there. @default false */
  allowMake?: boolean;
  /** As the server says it to clients. */
  version: string;
  /** Told of what came and is no message, in a few words: the protocol has no answer to it. @default nobody is */
  onNote?: (note: string) => void;
  /** Ends it, with what is under way. */
  signal?: AbortSignal;
}

const sdk = "@modelcontextprotocol/sdk";
/** Milliseconds that work under way has to end by itself once the client has nothing more to say. */
const maxLastWork = 2_000;

const instructions =
  "Training data for retrieval-augmented generation that RAG-Instruct made from documents: search and ask read the documents, status says how the run stands, preview writes a few pairs, review shows pairs and keeps what people decide.";

/**
 * Serves a run folder to one client of the Model Context Protocol, over standard input and output, until the client is gone or `signal`
 * ends it: tools `search`, `ask`, `status`, `preview` and `review`, and pairs and documents as resources. Nothing is written into the run
 * unless that is allowed; what a tool may cost is up to the functions that are passed in. Clients that ask for it hear of progress. Throws
 * `file-missing` where there is no run, `peer-missing` without the SDK, and `bad-input` where what came could not be read on, such as a
 * message of more than ten megabytes.
 */
export async function serveMcp(options: ServeMcpOptions): Promise<void> {
  const { run, tools, allowMake = false, version, onNote, signal } = options;
  const { McpServer, ResourceTemplate } = await importPeer(
    sdk,
    () => import("@modelcontextprotocol/sdk/server/mcp.js"),
  );
  const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
  await requireRun(run);
  const server = new McpServer({ name: "rag-instruct", title: "RAG-Instruct", version }, { instructions });
  const work = new Work();
  const index = new RunIndex(run);
  addTools(server, { tools, index, allowMake, work });
  server.registerResource(
    "pair",
    new ResourceTemplate("rag-instruct://pair/{id}", { list: undefined }),
    { title: "A pair", description: "A question and its answer, with its documents and all that led there." },
    (uri, { id }) =>
      resource(uri, async () => {
        await index.refresh();
        return pairOf(idIn(id), { index, ...tools });
      }),
  );
  server.registerResource(
    "document",
    new ResourceTemplate("rag-instruct://document/{id}", { list: undefined }),
    { title: "A document", description: "A passage of the corpus, by the id that search and pairs give it." },
    (uri, { id }) => resource(uri, () => tools.document(idIn(id))),
  );
  let broken: Error | undefined;
  server.server.onerror = (error) => {
    broken = error;
    onNote?.("what came was no message of the protocol, and has no answer");
  };
  let isOver = false;
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
  });
  const close = () => {
    isOver = true;
    void server.close();
  };
  const finish = async () => {
    // What came last has begun by then.
    await setImmediate();
    await Promise.race([work.ended(), sleep(maxLastWork, undefined, { ref: false })]);
    // And what it came to is on its way.
    await setImmediate();
    close();
  };
  signal?.addEventListener("abort", close, { once: true });
  process.stdin.once("end", finish).once("close", finish);
  try {
    await server.connect(new StdioServerTransport());
    if (signal?.aborted) close();
    await closed;
    await work.stop();
    if (!isOver)
      throw new RagInstructError("bad-input", `the connection was closed: ${broken?.message}`, { cause: broken });
  } finally {
    signal?.removeEventListener("abort", close);
    process.stdin.off("end", finish).off("close", finish);
  }
}

/** What stands at an address, as JSON. What is not there has the protocol's own number. */
async function resource({ href: uri }: URL, find: () => Promise<object>) {
  try {
    return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(await find(), null, 2) }] };
  } catch (error) {
    throw RagInstructError.is(error) ? Object.assign(new Error(error.message), { code: notFound }) : error;
  }
}

const notFound = -32_002;

/** The id in an address. Throws `bad-option` for what is none. */
function idIn(id: unknown): string {
  try {
    return decodeURIComponent(String(id));
  } catch {
    throw badOption(`${id} is no id: a percent sign is written %25`);
  }
}

/** A ranking with its passages in full, for whoever reads the text alone. */
function withPassages(found: ToolAnswer): ToolAnswer {
  const { ctxs } = found.json as { ctxs: readonly { id: string; title: string; text: string }[] };
  const passages = ctxs.map(({ id, title, text }, i) => `[${i + 1}] ${title} (document ${id})\n${text}\n\n`);
  return passages.length > 0 ? { ...found, text: passages.join("") } : found;
}

/** What a handler is given of its call. */
type Call = Pick<RequestHandlerExtra<ServerRequest, ServerNotification>, "signal" | "_meta" | "sendNotification">;

// Milliseconds between two things that a client hears, which it need not draw faster.
const maxPace = 250;

/** Tells the client of progress, where it asked for it: in steps, since stages count from their own beginning. */
function progressTo({ _meta, sendNotification }: Omit<Call, "signal">): OnProgress | undefined {
  const { progressToken } = _meta ?? {};
  if (progressToken === undefined) return undefined;
  let [progress, last] = [0, Number.NEGATIVE_INFINITY];
  return (heard: Progress) => {
    const now = performance.now();
    if (now - last < maxPace) return;
    last = now;
    const { stage, done, total, note } = heard;
    const message = [`${stage} ${done}${total === undefined ? "" : `/${total}`}`, note].filter(Boolean).join(", ");
    const params = { progressToken, progress: ++progress, message };
    sendNotification({ method: "notifications/progress", params }).catch(() => {});
  };
}

/** Calls under way: they are stopped, and waited for, before the server has ended. */
class Work {
  readonly #controller = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  async do(work: (context: ToolContext) => Promise<ToolAnswer>, { signal, ...told }: Call) {
    const context = { signal: AbortSignal.any([signal, this.#controller.signal]), onProgress: progressTo(told) };
    const begun = work(context);
    this.#underWay.add(begun);
    try {
      const { text, json = {} } = await begun;
      const parts = typeof text === "string" ? [text] : await Array.fromAsync(text);
      // As it would be sent: without what is undefined.
      const structuredContent = JSON.parse(JSON.stringify(json)) as Record<string, unknown>;
      return { content: [{ type: "text" as const, text: parts.join("").trimEnd() }], structuredContent };
    } finally {
      this.#underWay.delete(begun);
    }
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async stop(): Promise<void> {
    this.#controller.abort(new DOMException("the client is gone", "AbortError"));
    await this.ended();
  }
}

interface Served {
  tools: AgentTools;
  index: RunIndex;
  allowMake: boolean;
  work: Work;
}

const question = z.string().trim().min(1, "question is empty").max(10_000).describe("A question in words.");
const reads = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const;
const makes = { readOnlyHint: false, destructiveHint: false, openWorldHint: true } as const;
const records = z.array(z.looseObject({}));

function addTools(server: McpServer, { tools, index, allowMake, work }: Served): void {
  server.registerTool(
    "search",
    {
      title: "Search the documents",
      description: "Ranks passages of the run's documents for a question. Writes nothing.",
      inputSchema: { question, limit: z.int().min(1).max(100).default(10).describe("Passages at most.") },
      outputSchema: z.looseObject({ question: z.string(), ctxs: records }),
      annotations: reads,
    },
    ({ question, limit }, call) =>
      work.do(async (context) => withPassages(await tools.search(question, { ...context, limit })), call),
  );
  server.registerTool(
    "ask",
    {
      title: "Ask a model",
      description:
        "Answers a question from the run's documents, by its model, and says which documents the model was shown. A model that costs is asked within the server's budget alone.",
      inputSchema: { question },
      outputSchema: z.looseObject({ question: z.string(), answer: z.string(), sources: records }),
      annotations: { ...reads, readOnlyHint: !allowMake, openWorldHint: true },
    },
    ({ question }, call) => work.do((context) => tools.ask(question, context), call),
  );
  server.registerTool(
    "status",
    {
      title: "How the run stands",
      description:
        "Stages of the run, what they counted and cost, and what the next run would make again. Writes nothing.",
      inputSchema: {},
      outputSchema: z.looseObject({ to: z.string(), stages: records }),
      annotations: reads,
    },
    (_, call) => work.do((context) => tools.status(context), call),
  );
  server.registerTool(
    "preview",
    {
      title: "Write a few pairs",
      description: `Writes a pair of each paradigm by the run's model, with prompt, reply and checks; the run keeps the replies.${allowMake ? "" : " Refused here: the server was started without --allow-make."}`,
      inputSchema: { count: z.int().min(1).max(50).optional().describe("Pairs; one of each paradigm without it.") },
      outputSchema: z.looseObject({ previews: records }),
      annotations: makes,
    },
    ({ count }, call) =>
      work.do(async (context) => {
        if (!allowMake)
          throw badOption("preview writes into the run, and this server was started without --allow-make");
        return tools.preview({ ...context, count });
      }, call),
  );
  server.registerTool(
    "review",
    {
      title: "Read pairs and decisions",
      description: `Lists the run's pairs, shows one by its id, or keeps what a person decided on it${allowMake ? "" : " (refused here: the server was started without --allow-make)"}. Decide only what a person told you.`,
      inputSchema: reviewInput,
      outputSchema: z.looseObject({}),
      annotations: allowMake ? { ...makes, openWorldHint: false } : reads,
    },
    (input, call) => work.do(() => review(input, { index, allowMake, ...tools }), call),
  );
}
