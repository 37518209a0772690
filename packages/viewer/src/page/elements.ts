import { visibleText } from "../visible-text.ts";
import type { Span } from "./find-spans.ts";

type Child = Node | string | undefined;
type Attributes = Record<string, string | boolean | (() => void) | undefined>;

/** Makes an element; strings become text, never markup. `onclick` takes a function. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.replace(/^on/, ""), value);
    else if (value === true) made.setAttribute(key, "");
    else if (typeof value === "string") made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== undefined));
  return made;
}

/** Foreign text: isolated in direction, with characters that would act shown by name, and marked where spans say so. */
export function foreign(text: string, spans: readonly Span[] = []): HTMLElement {
  const box = element("bdi", { dir: "auto" });
  let from = 0;
  for (const { start, end, kind } of spans) {
    box.append(...named(text.slice(from, start)));
    box.append(element("mark", { class: kind }, ...named(text.slice(start, end))));
    from = end;
  }
  box.append(...named(text.slice(from)));
  return box;
}

function named(text: string): Node[] {
  return visibleText(text).map((part) =>
    "text" in part ? document.createTextNode(part.text) : element("span", { class: "control" }, part.control),
  );
}

/** Any JSON value as nested lists. */
export function outline(value: unknown): HTMLElement {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object")) return foreign(value.join(", ") || "none");
    return element(
      "ol",
      { class: "outline" },
      value.map((item) => element("li", {}, outline(item))),
    );
  }
  if (typeof value !== "object" || value === null) return foreign(String(value ?? "none"));
  const entries = Object.entries(value).flatMap(([key, item]) => [
    element("dt", {}, foreign(key.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase())),
    element("dd", {}, outline(item)),
  ]);
  return element("dl", { class: "outline" }, entries);
}
