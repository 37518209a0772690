import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { TLSSocket } from "node:tls";

/** Gives a PostgreSQL without TLS a front that speaks it, as a load balancer does: answers the request for it, then passes bytes on. */
export async function tlsFront(
  to: number,
  { key, certificate }: { key: Buffer; certificate: Buffer },
): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((incoming) => {
    incoming.on("error", () => {});
    // SSLRequest: length 8 and the code 80877103; anything else is a client that does not ask for TLS, and is refused.
    incoming.once("data", (request) => {
      if (request.length !== 8 || request.readInt32BE(4) !== 80_877_103) return incoming.destroy();
      incoming.write("S");
      const secure = new TLSSocket(incoming, { isServer: true, key, cert: certificate });
      const outgoing = connect(to, "127.0.0.1");
      secure.on("error", () => outgoing.destroy());
      outgoing.on("error", () => secure.destroy());
      secure.pipe(outgoing).pipe(secure);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
