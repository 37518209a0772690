/** The report's style sheet: readable on narrow screens, in print and in the dark. */
export const styles = `
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --line: #d5d5d5; --mark: #0b6b3a; --quiet: #595959; --tint: #eef6f1; --warn: #fff4d6; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #161616; --line: #3a3a3a; --mark: #7fd6a5; --quiet: #b3b3b3; --tint: #1c2b22; --warn: #3a3115; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; } td:last-child { width: 30%; }
.bar { display: block; height: .8rem; background: var(--mark); border-radius: 2px; }
.notice { background: var(--warn); padding: .6rem 1rem; border-radius: 4px; }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; overflow-wrap: anywhere; } summary { cursor: pointer; }
.tag { font-size: .8rem; color: var(--quiet); border: 1px solid var(--line); border-radius: 3px; padding: 0 .3rem; white-space: nowrap; }
.choices { list-style: none; padding-left: 1rem; }
ol > li { margin: .5rem 0; padding: .2rem .5rem; } li.source { background: var(--tint); border-left: 3px solid var(--mark); }
`;
