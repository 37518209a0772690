import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { badOption } from "@rag-instruct/core";
import { importPeer, requireRun } from "@rag-instruct/core/node";
import { z } from "zod";
import { RunIndex } from "../app/run-index.ts";
import type { AgentTools, ToolAnswer } from "../app/viewer-tools.ts";
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
 * unless that is allowed; what a tool may cost is up to the functions that are passed in. Throws `file-missing` where there is no run, and
 * `peer-missing` without the SDK.
 */
export async function serveMcp({ run, tools, allowMake = false, version, signal }: ServeMcpOptions): Promise<void> {
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
  const json = async (uri: URL, found: Promise<object>) => ({
    contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify(await found, null, 2) }],
  });
  server.registerResource(
    "pair",
    new ResourceTemplate("rag-instruct://pair/{id}", { list: undefined }),
    { title: "A pair", description: "A question and its answer, with its documents and all that led there." },
    async (uri, { id }) => {
      await index.refresh();
      return json(uri, pairOf(decodeURIComponent(String(id)), { index, ...tools }));
    },
  );
  server.registerResource(
    "document",
    new ResourceTemplate("rag-instruct://document/{id}", { list: undefined }),
    { title: "A document", description: "A passage of the corpus, by the id that search and pairs give it." },
    async (uri, { id }) => json(uri, tools.document(decodeURIComponent(String(id)))),
  );
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
  });
  const close = () => void server.close();
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
  } finally {
    signal?.removeEventListener("abort", close);
    process.stdin.off("end", finish).off("close", finish);
  }
}

/** A ranking with its passages in full, for whoever reads the text alone. */
function withPassages(found: ToolAnswer): ToolAnswer {
  const { ctxs } = found.json as { ctxs: readonly { id: string; title: string; text: string }[] };
  const passages = ctxs.map(({ id, title, text }, i) => `[${i + 1}] ${title} (document ${id})\n${text}\n\n`);
  return passages.length > 0 ? { ...found, text: passages.join("") } : found;
}

/** Calls under way: they are stopped, and waited for, before the server has ended. */
class Work {
  readonly #controller = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  async do(work: (signal: AbortSignal) => Promise<ToolAnswer>, signal: AbortSignal) {
    const begun = work(AbortSignal.any([signal, this.#controller.signal]));
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
    ({ question, limit }, { signal }) =>
      work.do(async (signal) => withPassages(await tools.search(question, { limit, signal })), signal),
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
    ({ question }, { signal }) => work.do((signal) => tools.ask(question, { signal }), signal),
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
    (_, { signal }) => work.do((signal) => tools.status({ signal }), signal),
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
    ({ count }, { signal }) =>
      work.do(async (signal) => {
        if (!allowMake)
          throw badOption("preview writes into the run, and this server was started without --allow-make");
        return tools.preview({ count, signal });
      }, signal),
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
    (input, { signal }) => work.do(() => review(input, { index, allowMake, ...tools }), signal),
  );
}
