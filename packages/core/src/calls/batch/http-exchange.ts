import type { FlexibleSchema } from "ai";
import type { AskRequest, TextReply } from "../ask-request.ts";
import { type GenerateOptions, generateReply, withSchema } from "../generate.ts";
import { withFetch } from "../model-config.ts";
import type { CallResult } from "../paid-call.ts";

/** A request as the AI SDK would send it. */
export interface CapturedRequest {
  url: string;
  headers: Record<string, string>;
  /** JSON. */
  body: string;
}

/** The request that a question comes to, taken from the AI SDK at the moment of sending. */
export async function captureRequest(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<CapturedRequest> {
  let captured: CapturedRequest | undefined;
  const model = withFetch(options.model, async (url, init) => {
    captured = {
      url: String(url),
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: String(init?.body),
    };
    throw new Error("captured");
  });
  const asked = await withSchema(schema, options);
  try {
    await generateReply({ ...asked, model });
  } catch (error) {
    if (captured) return captured;
    throw error;
  }
  throw new Error("the AI SDK sent no request");
}

/** What an answer means, as the AI SDK reads it; throws what a call that is answered so throws. */
export function readAnswer(
  original: AskRequest["model"],
  { status, body }: { status: number; body: unknown },
): Promise<CallResult<TextReply>> {
  const headers = { "content-type": "application/json" };
  const model = withFetch(original, async () => new Response(JSON.stringify(body), { status, headers }));
  return generateReply({ model, prompt: "-", maxRetries: 0 });
}
