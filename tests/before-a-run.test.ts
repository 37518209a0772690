import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerFromDocuments } from "./support/answering-model.ts";
import { runCli, startCli } from "./support/cli.ts";
import { writeSmallCorpus } from "./support/small-corpus.ts";

let folder: string;
const cli = (...args: string[]) => runCli(args, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "before-a-run-"));
  await writeSmallCorpus(join(folder, "docs"), { pages: 60 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("doctor", () => {
  it("finds a sound set-up sound, and says how to mend each fault of another", async () => {
    await using good = await faultyServer({ reply: () => '{"ready":true}' });
    const sound = await cli("doctor", "docs", "--base-url", good.url, "--model", "m", "--json");
    const checks = JSON.parse(sound.stdout).checks as { name: string; status: string; mend?: string }[];
    expect([sound.code, checks.filter(({ status }) => status === "failed")]).toEqual([0, []]);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["node", "memory", "disk", "documents", "model", "structured output", "price"]),
    );
    expect(checks.every(({ status, mend }) => (status === "ok") === (mend === undefined))).toBe(true);
  });

  it.each([
    ["a server that is not there", {}, /FAIL {2}model .*cannot be reached: Cannot connect .+\n.*--base-url/],
    [
      "an address that takes no request",
      {},
      /FAIL {2}model .*no request can be sent to this address; mend the base URL/,
    ],
    [
      "a key that it wants and nobody has set",
      { apiKey: "other" },
      /FAIL {2}model .*wants a key, and none was sent \(the endpoint answered 401\)\n.*OPENAI_API_KEY/,
    ],
    ["a model that it does not know", { models: ["other"] }, /FAIL {2}model .*does not know the model/],
    ["a schema that it refuses", { schema: "refused" as const }, /warn {2}structured output .*refuses a schema/],
    [
      "a model that keeps to no schema",
      { reply: () => "Hello!" },
      /warn {2}structured output .*did not keep to the schema/,
    ],
  ])("%s", async (name, options, expected) => {
    await using server = await faultyServer(options);
    if (name.includes("not there")) await server.close();
    // Port 9 is one that fetch blocks.
    const url = name.includes("takes no request") ? "http://127.0.0.1:9/v1" : server.url;
    const { code, stdout } = await cli("doctor", "docs", "--base-url", url, "--model", "m");
    expect(stdout).toMatch(expected);
    expect(code).toBe(/FAIL/.test(stdout) ? 1 : 0);
  });

  it("asks the model that its flags name where there is no config, through a proxy where one is named, and never to this machine", async () => {
    await using server = await faultyServer({ reply: () => '{"ready":true}' });
    const target = Number(new URL(server.url).port);
    const proxied: string[] = [];
    const proxy = createServer((incoming, outgoing) => {
      proxied.push(incoming.url ?? "");
      const { method, headers } = incoming;
      const path = new URL(incoming.url ?? "/", "http://x").pathname;
      const forwarded = request({ port: target, host: "127.0.0.1", method, headers, path }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    });
    proxy.on("connect", ({ url }, client) => {
      proxied.push(url ?? "");
      const upstream = connect(target, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [client, upstream]) socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const empty = await mkdtemp(join(tmpdir(), "no-config-"));
    const doctor = (url: string) =>
      runCli(["doctor", "--base-url", url, "--model", "m"], { cwd: empty, env: { HTTP_PROXY } });
    const direct = await doctor(server.url);
    expect([direct.code, direct.stdout]).toEqual([0, expect.stringMatching(/ok {4}model .*answers in/)]);
    expect([server.counts().requests, proxied]).toEqual([1, []]);
    const away = await doctor("http://models.example/v1");
    expect([away.code, away.stdout]).toEqual([0, expect.stringMatching(/ok {4}model .*answers in/)]);
    expect([server.counts().requests, proxied.join()]).toEqual([2, expect.stringContaining("models.example")]);
    proxy.closeAllConnections();
    proxy.close();
    await rm(empty, { recursive: true, force: true });
  });

  it("names documents that are missing and a config that is wrong", async () => {
    expect((await cli("doctor", "nowhere")).stdout).toMatch(/FAIL {2}documents +nothing at nowhere\n +-> mend/);
    expect(await cli("doctor", "docs", "--set", "sead=3")).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAIL {2}config .*did you mean "seed"/),
    });
  });
});

/** A certificate for an address, signed by an authority that nobody knows. */
async function certificateFor(address: string) {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe", cwd: folder });
  const newKey = (name: string) => [
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", `${name}.key`, "-subj", `/CN=${name}`],
  ];
  await writeFile(at("names"), `subjectAltName=IP:${address}\n`);
  openssl(...newKey("authority"), "-x509", "-days", "2", "-out", "authority.pem");
  openssl(...newKey("server"), "-out", "server.csr");
  openssl(
    ...["x509", "-req", "-in", "server.csr", "-days", "2", "-extfile", "names", "-out", "server.pem"],
    ...["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"],
  );
  return {
    authority: at("authority.pem"),
    key: await readFile(at("server.key")),
    cert: await readFile(at("server.pem")),
  };
}

// Another address of this machine, to which proxies apply; only Linux has it without being told.
describe.skipIf(process.platform !== "linux" || !existsSync("/usr/bin/openssl"))(
  "a proxy and a certificate authority of one's own",
  () => {
    it("lead a run to its server: HTTPS_PROXY by CONNECT, NO_PROXY around it, NODE_EXTRA_CA_CERTS", async () => {
      const address = "127.0.0.2";
      const { authority, key, cert } = await certificateFor(address);
      await using model = await faultyServer({ reply: answerFromDocuments });
      const behind = Number(new URL(model.url).port);
      const secure = createTlsServer({ key, cert }, (incoming, outgoing) => {
        const { method, headers, url: path } = incoming;
        const forwarded = request({ host: "127.0.0.1", port: behind, method, headers, path }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        });
        incoming.pipe(forwarded);
      });
      await new Promise<void>((resolve) => secure.listen(0, address, resolve));
      const { port } = secure.address() as AddressInfo;
      const connected: string[] = [];
      const proxy = createServer();
      proxy.on("connect", ({ url = "" }, client) => {
        connected.push(url);
        const upstream = connect(port, address, () => {
          client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
          upstream.pipe(client).pipe(upstream);
        });
        for (const socket of [client, upstream]) socket.on("error", () => {});
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const run = (to: string, env: Record<string, string>) =>
        startCli(
          [
            ...["run", "docs", "--to", to, "--base-url", `https://${address}:${port}/v1`, "--model", "m"],
            ...["--pairs", "6", "--paradigms", "single-doc-answer"],
          ],
          { cwd: folder, env },
        ).result;
      try {
        const through = await run("through", { HTTPS_PROXY, NODE_EXTRA_CA_CERTS: authority });
        expect([through.code, through.stderr]).toEqual([0, expect.not.stringContaining("error")]);
        expect(new Set(connected)).toEqual(new Set([`${address}:${port}`]));
        const { requests } = model.counts();
        expect(requests).toBeGreaterThan(0);
        const { length } = connected;
        const around = await run("around", { HTTPS_PROXY, NO_PROXY: address, NODE_EXTRA_CA_CERTS: authority });
        expect([around.code, connected.length]).toEqual([0, length]);
        expect(model.counts().requests).toBe(2 * requests);
        const untrusted = await run("untrusted", { HTTPS_PROXY });
        expect([untrusted.code, untrusted.stderr]).toEqual([1, expect.stringMatching(/error: .*NODE_EXTRA_CA_CERTS/)]);
      } finally {
        for (const server of [proxy, secure]) {
          server.closeAllConnections();
          server.close();
        }
      }
    });
  },
);

describe("dry run and repeating", () => {
  it("says stages, counts, calls, tokens, cost and time, and makes nothing", async () => {
    const { code, stdout } = await runCli(
      ["run", "docs", "--to", "dry", "--model", "gpt-4o-mini", "--pairs", "10", "--dry-run", "--json"],
      {
        cwd: folder,
        env: { OPENAI_API_KEY: "sk-none" },
      },
    );
    const estimate = JSON.parse(stdout);
    expect([code, estimate.pairs, estimate.documents]).toEqual([0, 50, 60]);
    expect(estimate.calls).toBeGreaterThanOrEqual(50);
    expect(estimate.usd).toBeCloseTo((estimate.inputTokens * 0.15 + estimate.outputTokens * 0.6) / 1e6, 10);
    expect(estimate.inputTokens / estimate.calls).toBeGreaterThan(300);
    expect(await readdir(folder)).not.toContain("dry");
    const judged = await runCli(
      [
        "run",
        "docs",
        "--to",
        "dry",
        "--model",
        "gpt-4o-mini",
        "--pairs",
        "10",
        "--verify",
        "judge",
        "--dry-run",
        "--json",
      ],
      { cwd: folder, env: { OPENAI_API_KEY: "sk-none" } },
    );
    // A pair is written and judged, and the noise of each example is checked.
    expect(JSON.parse(judged.stdout).calls).toBe(2 * estimate.calls - 1 + 50);
    const plain = await runCli(["run", "docs", "--to", "dry", "--model", "none-known", "--dry-run"], {
      cwd: folder,
      env: { OPENAI_API_KEY: "sk-none" },
    });
    expect(plain.stdout).toMatch(/cost {2}not known.*prices/);
  });

  it("repeats a run from its manifest, and tells when documents or bytes differ", async () => {
    const first = await cli("run", "docs", "--to", "first", "--pairs", "2", "--seed", "7", "--set", "corpus.words=90");
    expect(first.code).toBe(0);
    const again = await cli("run", "docs", "--to", "again", "--from", "first/manifest.json");
    expect(again.stdout).toContain("Every file has the bytes that the manifest tells of.");
    // The second person keeps the documents under a name of their own.
    await cp(join(folder, "docs"), join(folder, "their-copy"), { recursive: true });
    const theirs = await cli("run", "their-copy", "--to", "theirs", "--from", "first/manifest.json");
    expect(theirs.stdout).toContain("Every file has the bytes that the manifest tells of.");
    const other = await cli("run", "docs", "--to", "other", "--from", "first/manifest.json", "--seed", "8");
    expect(other.stdout).toMatch(/files differ from the manifest's: .*train\.jsonl/);
    await writeFile(join(folder, "docs/page-000.md"), "Changed.");
    const changed = await cli("run", "docs", "--to", "changed", "--from", "first/manifest.json");
    expect([changed.code, changed.stderr]).toEqual([
      1,
      expect.stringContaining("these documents are not those of the manifest"),
    ]);
  });
});
