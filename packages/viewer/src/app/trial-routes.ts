import { type Context, Hono } from "hono";
import type { RunTrial } from "./viewer-tools.ts";

/** Trying a run: the price is said before anything is called, and a call is made for the price that was said alone. */
export function trialRoutes(trial: RunTrial, { signal }: { signal?: AbortSignal }): Hono {
  const app = new Hono();
  let isBusy = false;
  app.post("/price", async (context) => context.json(await trial.price(await instructionsOf(context))));
  app.post("/make", async (context) => {
    const { instructions, line } = (await context.req.json()) as Record<string, unknown>;
    const price = await trial.price(String(instructions ?? ""));
    if (line !== price.line)
      return context.json({ error: "The price has changed since it was shown; it is shown anew.", changed: true }, 409);
    if (isBusy) return context.json({ error: "Pairs are being made already." }, 409);
    isBusy = true;
    try {
      return context.json(await trial.make(String(instructions ?? ""), { signal }));
    } finally {
      isBusy = false;
    }
  });
  app.post("/keep", async (context) => context.json(await trial.keep(await instructionsOf(context))));
  return app;
}

async function instructionsOf({ req }: Context): Promise<string> {
  return String(((await req.json()) as { instructions?: unknown }).instructions ?? "");
}
