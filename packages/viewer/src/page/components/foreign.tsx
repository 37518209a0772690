import { visibleText } from "@rag-instruct/core/page";
import type { ComponentChildren } from "preact";
import type { Span } from "../find-spans.ts";

/** Foreign text: isolated in direction, with characters that would act shown by name, and marked where spans say so. */
export function Foreign({ text, spans = [] }: { text: string; spans?: readonly Span[] }) {
  return <bdi dir="auto">{markedText(text, spans)}</bdi>;
}

/** The same without the isolation, for a block that has a direction of its own. */
export function markedText(text: string, spans: readonly Span[]): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const { start, end, kind } of spans) {
    parts.push(...named(text.slice(from, start)), <mark class={kind}>{named(text.slice(start, end))}</mark>);
    from = end;
  }
  parts.push(...named(text.slice(from)));
  return parts;
}

function named(text: string): ComponentChildren[] {
  return visibleText(text).map((part) => ("text" in part ? part.text : <span class="control">{part.control}</span>));
}

/** Any JSON value as nested lists. */
export function Outline({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object")) return <Foreign text={value.join(", ") || "none"} />;
    return (
      <ol class="outline">
        {value.map((item) => (
          <li>
            <Outline value={item} />
          </li>
        ))}
      </ol>
    );
  }
  if (typeof value !== "object" || value === null) return <Foreign text={String(value ?? "none")} />;
  return (
    <dl class="outline">
      {Object.entries(value).map(([key, item]) => (
        <>
          <dt>
            <Foreign text={key.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase()} />
          </dt>
          <dd>
            <Outline value={item} />
          </dd>
        </>
      ))}
    </dl>
  );
}
