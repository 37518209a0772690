import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryLedger, openCalls, probeModel } from "@rag-instruct/core/calls";
import {
  type ChatCompletion,
  type ChatRequest,
  dialects,
  type FaultyServerOptions,
  faultyServer,
} from "@rag-instruct/core/testing";
import { type SynthesisTask, synthesize } from "@rag-instruct/simulate";
import { beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../../workers/test/redis-server.ts";
import { resolveConfig } from "../config/load.ts";
import { openModel } from "../run/models.ts";
import { checkModel } from "./checks.ts";

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

const years = [1801, 1802, 1803];
const tasks = years.map(
  (year): SynthesisTask => ({
    id: `t${year}`,
    paradigm: "single-doc-answer",
    exemplar: { id: "e", question: "How tall is the tower?", source: "s", task: "open" },
    documents: [{ id: `d${year}`, title: "", text: `The observatory was founded in the winter of ${year}.` }],
    reserve: false,
  }),
);

/** A model that does what it is asked to, for the doctor and for a run. */
function obedient({ messages }: ChatRequest): string {
  const [, year] = /winter of (\d+)/.exec(messages.at(-1)!.content) ?? [];
  if (year === undefined) return '{"ready":true}';
  const question = `In which year was the observatory with telescope ${Number(year) % 7} founded?`;
  return JSON.stringify({ question, answer: year });
}

const ending = (message: object, finish_reason: string) => (completion: ChatCompletion) => ({
  ...completion,
  choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason }],
});
const refusing = (status: number, code: string, message = "no"): FaultyServerOptions => ({
  refuse: { status, code, message },
});

const servers: [string, FaultyServerOptions][] = [
  ...dialects.flatMap((speaksLike): [string, FaultyServerOptions][] => [
    [`${speaksLike}, well`, { speaksLike }],
    [`${speaksLike}, without schemas`, { speaksLike, schema: "refused" }],
    [`${speaksLike}, with another key`, { speaksLike, apiKey: "another" }],
    [`${speaksLike}, without the model`, { speaksLike, models: ["another"] }],
    [`${speaksLike}, its day used up`, { speaksLike, perDay: 0 }],
  ]),
  ["a limit by the second", { speaksLike: "groq", perSecond: 2, retryAfterSeconds: 1 }],
  ["a quota that is gone", refusing(429, "insufficient_quota")],
  ["no credit", refusing(402, "billing")],
  ["a 500 to all", refusing(500, "oops", "the server had an error")],
  ["a 500 to schemas", { schema: { status: 500, code: "InternalServerError", message: "Internal server error" } }],
  ["a load that lasts a while", { outage: { from: 0, to: 1200 } }],
  [
    "another name of the ceiling",
    {
      refuse: ({ max_tokens }) =>
        max_tokens === undefined
          ? undefined
          : {
              status: 400,
              code: "unsupported_parameter",
              message: "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
            },
    },
  ],
  [
    "a small context",
    {
      refuse: ({ max_tokens = 0 }) =>
        max_tokens < 1100
          ? undefined
          : {
              status: 400,
              code: "BadRequestError",
              message: `'max_tokens' is too large: ${max_tokens}. This model's maximum context length is 2000 tokens and your request has 950 input tokens.`,
            },
    },
  ],
  ["odd metadata", { reshape: (completion) => ({ ...completion, id: 17, created: "now" }) }],
  ["output that goes into thinking", { reshape: ending({ reasoning_content: "Hm" }, "length") }],
  ["a filter", { reshape: ending({ content: "" }, "content_filter") }],
  ["a model that refuses", { reshape: ending({ refusal: "I cannot help." }, "stop") }],
  ["nothing said", { reply: () => "" }],
  [
    "the reply in the reasoning",
    {
      reshape: (completion) =>
        ending({ reasoning_content: completion.choices[0]!.message.content }, "stop")(completion),
    },
  ],
];

describe("the doctor's verdict on a model is whether a run makes pairs with it", () => {
  it.each(servers)("%s", async (_, options) => {
    const server = () => faultyServer({ reply: obedient, ...options });
    const configFor = (baseUrl: string) =>
      resolveConfig({ to: "run", corpus: { from: "docs" }, model: { name: "m", baseUrl } });
    await using forDoctor = await server();
    const checks = await checkModel(configFor(forDoctor.url), { signal: new AbortController().signal });
    const isSound = checks.every(({ status }) => status !== "failed");

    await using forRun = await server();
    await using calls = await openCalls({ ledger: memoryLedger(), backOff: 100, attempts: 3 });
    const { model } = await openModel(configFor(forRun.url).model);
    const outcomes = await Array.fromAsync(synthesize({ tasks, model, calls })).catch(() => []);
    const accepted = outcomes.filter(({ status }) => status === "accepted").length;
    expect({ isSound, accepted }, JSON.stringify({ checks, outcomes }, undefined, 1)).toEqual({
      isSound,
      accepted: isSound ? years.length : 0,
    });
  });
});

it("the doctor tells a certificate that is not trusted from a server that is not there, and both from one that is slow", async () => {
  const folder = await mkdtemp(join(tmpdir(), "certificate-"));
  const { key, certificate } = selfSigned(folder);
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (_, response) => {
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const verdict = async (baseUrl: string) => {
    const config = resolveConfig({ to: "run", corpus: { from: "docs" }, model: { name: "m", baseUrl } });
    return (await checkModel(config, { signal: new AbortController().signal }))[0];
  };
  expect(await verdict(`https://127.0.0.1:${port}/v1`)).toMatchObject({
    status: "failed",
    found: expect.stringMatching(/certificate of the endpoint is not trusted/),
    mend: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
  server.close();
  await once(server, "close");
  const absent = await faultyServer();
  await absent.close();
  expect(await verdict(absent.url)).toMatchObject({
    status: "failed",
    found: expect.stringMatching(/cannot be reached/),
  });
  await using slow = await faultyServer({ faults: { hang: 1 } });
  const { model } = await openModel({ name: "m", baseUrl: slow.url });
  expect(await probeModel(model as Parameters<typeof probeModel>[0], { wait: 300 })).toEqual({ slow: 300 });
  await rm(folder, { recursive: true });
});
