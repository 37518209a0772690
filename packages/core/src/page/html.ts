import { numberText } from "../in-words.ts";
import { escapeHtml } from "../text.ts";

/** Foreign text in the page: escaped, isolated in direction, with characters that would act shown by name. */
export function foreignHtml(text: string): string {
  const parts = visibleText(text).map((part) =>
    "text" in part ? escapeHtml(part.text) : `<span class="control">${part.control}</span>`,
  );
  return `<bdi dir="auto">${parts.join("")}</bdi>`;
}

/** A count with thousands set apart. */
export function countHtml(count: number): string {
  return numberText(Math.round(count));
}

/** A share as a percentage. */
export function shareHtml(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`;
}

/** A section with a heading. */
export function card(title: string, content: string): string {
  return `<section class="card"><h2>${title}</h2>${content}</section>`;
}

/** A note that stands where there is nothing to show. */
export function nothing(text: string): string {
  return `<p class="none">${text}</p>`;
}

/** Figures with their names, as pairs of name and value. */
export function tileList(entries: readonly (readonly string[])[]): string {
  return `<dl class="tiles">${entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

/** A run of plain text, or the name of a character that would act instead of being seen. */
export type TextPart = { text: string } | { control: string };

// Controls but tab and line breaks, marks that embed, override or isolate a direction, and halves of surrogate pairs.
const acting =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Splits text into what can be shown as it is and what must be named, such as U+202E, so that no text reorders its neighbours. */
export function visibleText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(acting)) {
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ control: `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}` });
    from = index + 1;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** The same as one string, for titles and attributes, which take no marks. */
export function visibleString(text: string): string {
  return visibleText(text)
    .map((part) => ("text" in part ? part.text : `[${part.control}]`))
    .join("");
}

/** The report's style sheet: in light and dark, on narrow screens, in print. Colours keep WCAG AA contrast on their grounds. */
export const styles = `
:root { color-scheme: light dark; --ink: #1d2329; --quiet: #545d66; --paper: #f6f7f8; --card: #fff; --line: #d9dde1; --strong-line: #848e98; --link: #0b57a8; --focus: #0b57a8;
--accepted: #1f7a54; --rejected: #b3471d; --failed: #8a3ffc; --unassembled: #6b7480; --noise: #5b7fb5; --input: #2f6fb0; --output: #b3471d; --track: #edf0f2;
--evidence: #fff0b8; --answer: #c9ecd8; --source-tint: #f0f8f3; --warn: #fff4d6; --chip: #e3e7ea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --quiet: #aab3bc; --paper: #14171a; --card: #1c2024; --line: #343a41; --strong-line: #77818c; --link: #8ab8f5; --focus: #8ab8f5;
--accepted: #5cc996; --rejected: #f0946a; --failed: #c3a0ff; --unassembled: #9aa4af; --noise: #86a9dd; --input: #79aee6; --output: #f0946a; --track: #2a2f35;
--evidence: #574a12; --answer: #1d5238; --source-tint: #1a2720; --warn: #40351a; --chip: #31373d; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: break-word; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; } main:focus, #detail-heading:focus { outline: none; }
h1 { font-size: 1.15rem; margin: 0; } h2 { font-size: 1.05rem; margin: 0 0 .6rem; } h3 { font-size: .9rem; margin: 1.6rem 0 .4rem; }
p { margin: .4rem 0; } .quiet { color: var(--quiet); font-size: .85rem; } .none { color: var(--quiet); margin: 1rem 0; }
.skip { position: absolute; left: -100vw; background: var(--card); padding: .5rem 1rem; z-index: 2; } .skip:focus { left: .5rem; top: .5rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: center; justify-content: space-between; padding: .8rem max(1rem, calc((100vw - 84rem) / 2)); background: var(--card); border-bottom: 1px solid var(--line); }
header p { margin: 0; overflow-wrap: anywhere; }
nav[aria-label=Views] { display: flex; flex-wrap: wrap; gap: .4rem; } nav[aria-label=Views] a { white-space: nowrap; padding: .35rem .9rem; border-radius: 999px; text-decoration: none; color: var(--ink); border: 1px solid transparent; }
nav[aria-label=Views] a:hover { border-color: var(--line); } nav[aria-label=Views] a[aria-current] { background: var(--chip); font-weight: 600; } nav[aria-label=Views] .quiet { font-weight: 400; color: inherit; }
main { max-width: 86rem; margin: 0 auto; padding: 1rem; }
.notice { background: var(--warn); padding: .6rem 1rem; border-radius: 8px; margin: 0 0 1rem; }
#overview > * { margin-bottom: 1rem; } .columns { columns: 27rem; column-gap: 1rem; } .columns .card { break-inside: avoid; margin-bottom: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1.2rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles dt { color: var(--quiet); font-size: .85rem; } .tiles dd { margin: 0; font-size: 1.7rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.2; }
.card .tiles { gap: .2rem 1rem; } .card .tiles div { border: 0; padding: .2rem 0; } .card .tiles dd { font-size: 1.15rem; }
table.bars { width: 100%; border-collapse: collapse; font-size: .9rem; } .bars caption { text-align: left; color: var(--quiet); font-size: .85rem; padding-bottom: .4rem; }
.bars th { text-align: left; font-weight: 500; padding: .3rem .8rem .3rem 0; max-width: 14rem; overflow-wrap: anywhere; vertical-align: middle; } .bars thead th { font-size: .75rem; color: var(--quiet); font-weight: 600; overflow-wrap: normal; }
.bars td { padding: .3rem 0; vertical-align: middle; } .bars tbody th { min-width: 7rem; } .bars .bar { width: 45%; } .bars .note { min-width: 5.5rem; padding-left: .8rem; font-variant-numeric: tabular-nums; line-height: 1.3; }
svg { display: block; } rect.accepted { fill: var(--accepted); } rect.rejected { fill: var(--rejected); } rect.failed { fill: var(--failed); } rect.unassembled { fill: var(--unassembled); }
rect.own { fill: var(--input); } rect.published { fill: var(--strong-line); } .whisker { stroke: var(--ink); stroke-width: 1.5; }
rect.noise { fill: var(--noise); } rect.input { fill: var(--input); } rect.output { fill: var(--output); } rect.track { fill: var(--track); }
.histogram { overflow: visible; } .histogram text { fill: var(--quiet); font-size: 12px; } .axis { stroke: var(--strong-line); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .5rem; padding: 0; font-size: .85rem; } .legend li { display: flex; gap: .4rem; align-items: center; }
figure { margin: 0 0 .8rem; } figcaption { font-size: .9rem; }
form { display: flex; flex-wrap: wrap; gap: .8rem; margin-bottom: 1rem; } .field { flex: 1 1 9rem; min-width: 0; } .field.wide { flex: 3 1 18rem; } .field label { display: block; font-size: .8rem; color: var(--quiet); margin-bottom: .15rem; } .field label::first-letter { text-transform: uppercase; }
input, select { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--strong-line); border-radius: 8px; padding: .45rem .6rem; min-height: 2.6rem; }
.split { display: grid; gap: 1rem; align-items: start; } .found { min-width: 0; }
.list { list-style: none; margin: .4rem 0; padding: 0; border: 1px solid var(--line); border-radius: 10px; background: var(--card); overflow: hidden; }
.list li + li { border-top: 1px solid var(--line); } .list a { display: block; padding: .65rem .9rem; text-decoration: none; color: inherit; border-left: 3px solid transparent; }
.list a:hover { background: var(--paper); } .list a[aria-current] { background: var(--source-tint); border-left-color: var(--accepted); } .list a:focus-visible { outline-offset: -3px; }
.line-question { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; } .line-facts { display: flex; flex-wrap: wrap; gap: .2rem .8rem; font-size: .8rem; color: var(--quiet); overflow-wrap: anywhere; } .line-facts bdi { min-width: 0; }
.verdict { font-weight: 600; } .verdict.accepted { color: var(--accepted); } .verdict.rejected { color: var(--rejected); } .verdict.failed { color: var(--failed); } .verdict.unassembled { color: var(--quiet); }
.pager { display: flex; justify-content: space-between; gap: 1rem; font-size: .9rem; padding: .4rem 0; } .pager .off { color: var(--quiet); visibility: hidden; }
#detail, .origin { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem; min-width: 0; overflow: hidden; } .origin { margin-bottom: .6rem; }
#detail h2 { font-size: 1.1rem; font-weight: 600; line-height: 1.45; } h2, #detail p, #detail li, #detail dd, blockquote, .origin p { overflow-wrap: anywhere; } .around { display: flex; gap: 1.2rem; justify-content: flex-end; float: right; margin-left: 1rem; font-size: .9rem; } .origin .passage { max-height: 15rem; overflow: auto; }
.facts { display: flex; flex-wrap: wrap; gap: .4rem .8rem; align-items: center; font-size: .85rem; margin-top: 0; } .tag { border: 1px solid var(--line); border-radius: 999px; padding: 0 .6rem; font-size: .8rem; color: var(--quiet); overflow-wrap: anywhere; }
.given { border-left: 4px solid var(--accepted); background: var(--source-tint); padding: .5rem 1rem; border-radius: 0 8px 8px 0; } .given h3 { margin: 0; color: var(--quiet); font-size: .8rem; } .given p { margin: 0; }
.turns { color: var(--quiet); padding-left: 1.2rem; } .turns li { margin: .4rem 0; }
.why { background: var(--warn); border-radius: 8px; padding: .5rem 1rem; } .options .right { font-weight: 600; } .options .tag { font-weight: 400; margin-inline-start: .5rem; }
.documents { padding: 0; margin: 0; list-style: none; } .documents > li { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; } .documents > li.source { background: var(--source-tint); border-left: 4px solid var(--accepted); }
summary { cursor: pointer; padding: .5rem .8rem; overflow-wrap: anywhere; } .documents details > p, .documents details > .passage { padding: 0 .8rem; } .documents details > .passage:last-child { padding-bottom: .6rem; } .document-title { font-weight: 600; margin: 0 .5rem; }
.role { font-size: .75rem; font-weight: 700; text-transform: uppercase; letter-spacing: .04em; color: var(--quiet); } .role.source { color: var(--accepted); }
p.passage, blockquote bdi { white-space: pre-wrap; } blockquote { margin: .4rem 0; padding: .3rem 1rem; border-left: 4px solid var(--noise); } bdi { unicode-bidi: isolate; }
mark { color: inherit; border-radius: 3px; padding: 0 .1em; } mark.evidence { background: var(--evidence); } mark.answer { background: var(--answer); text-decoration: underline; text-underline-offset: .2em; }
.flag { white-space: nowrap; } .control { font: .75em ui-monospace, monospace; background: var(--chip); border-radius: 3px; padding: 0 .25em; } .raw { border-top: 1px solid var(--line); margin-top: .8rem; } .raw summary { padding-left: 0; font-size: .9rem; font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border-radius: 8px; padding: .8rem; font-size: .82rem; margin: 0; } dl.outline { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .15rem 1rem; margin: 0; font-size: .88rem; } .outline dt { color: var(--quiet); } .outline dt, .outline dd { overflow-wrap: anywhere; } .outline dd { margin: 0; min-width: 0; } ol.outline { margin: 0; padding-left: 1.2rem; }
.first-pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem; margin-bottom: 1rem; align-items: start; } .first-pairs h2 { font-size: 1rem; line-height: 1.45; } .first-pairs .passage { max-height: 12rem; overflow: auto; }
.first-pairs .card { overflow: hidden; }
.short { color: var(--rejected); }
.markdown { min-width: 0; overflow-wrap: anywhere; } .markdown p, .markdown li { white-space: pre-line; } .markdown > :first-child { margin-top: 0; } .markdown > :last-child { margin-bottom: 0; } .markdown .heading { font-weight: 600; } .markdown ul, .markdown ol { margin: .3rem 0; padding: 0; padding-inline-start: 1.4rem; } .markdown li { border: 0; margin: 0; background: none; } .markdown pre { white-space: pre-wrap; } .markdown code { font-size: .88em; background: var(--chip); border-radius: 3px; padding: 0 .2em; } .markdown hr { border: 0; border-top: 1px solid var(--line); }
.wide-table { overflow-x: auto; } .wide-table table { border-collapse: collapse; font-size: .88rem; } .wide-table th, .wide-table td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: start; overflow-wrap: normal; }
@media (min-width: 60rem) { .opened .split { grid-template-columns: minmax(20rem, 2fr) 3fr; } #detail { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow: auto; } }
@media (max-width: 60rem) { .opened #detail { order: -1; } }
@media (max-width: 36rem) { main { padding: .6rem; } .card { padding: .8rem; } .bars tr { display: grid; grid-template-columns: fit-content(45%) minmax(0, 1fr); padding: .3rem 0; } .bars .bar { order: 3; grid-column: 1 / -1; width: auto; padding: .15rem 0; } .bars thead .bar { display: none; } .bars .note, .bars thead .note { text-align: right; } dl.outline { grid-template-columns: 1fr; } .outline dd { margin-left: 1rem; } .tiles { gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); } .bars th, .bars .note { font-size: .8rem; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { nav[aria-label=Views], form, .pager, .around, .skip { display: none; } body { background: #fff; } .card, .tiles div, .documents li { break-inside: avoid; } #detail { position: static; max-height: none; overflow: visible; } .opened .found { display: none; } rect { print-color-adjust: exact; } mark, .role { print-color-adjust: exact; } }
`;
