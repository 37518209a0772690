/** A section with a heading. */
export function card(title: string, content: string): string {
  return `<section class="card"><h2>${title}</h2>${content}</section>`;
}

/** What stands where there is nothing to show. */
export function nothing(text: string): string {
  return `<p class="none">${text}</p>`;
}

/** Figures with their names. */
export function tileList(entries: readonly (readonly [name: string, value: string])[]): string {
  return `<dl class="tiles">${entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}
