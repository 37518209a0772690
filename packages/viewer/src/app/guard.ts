import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";

/** Lets in the one browser that came by the printed address: everything else on the machine or in another tab's page is refused. */
export class Guard {
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
      return context.text("Open the address that rag-instruct view has printed; it lets one browser in.", 403);
    this.#isUsed = true;
    setCookie(context, cookie, this.#session, { httpOnly: true, sameSite: "Strict", path: "/" });
    return context.redirect("/", 303);
  }
}

function isSame(given: string | undefined, wanted: string): boolean {
  const [one, other] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
