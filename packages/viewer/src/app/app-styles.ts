/** What the viewer has beside the report's style sheet: buttons, the live strip, decisions and forms. */
export const appStyles = `
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--strong-line); border-radius: 8px; padding: .45rem .9rem; min-height: 2.6rem; cursor: pointer; }
button:hover { box-shadow: inset 0 0 0 1px currentColor; } button.accept { border-color: var(--accepted); color: var(--accepted); font-weight: 600; } button.reject { border-color: var(--rejected); color: var(--rejected); font-weight: 600; }
kbd { font: .8em ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 0 .3em; color: var(--quiet); background: var(--paper); }
header select { min-height: 2rem; padding: .1rem .4rem; font-size: .85rem; }
.live { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; margin-bottom: 1rem; border-left: 4px solid var(--accepted); }
table.made { width: 100%; border-collapse: collapse; font-size: .9rem; } .made th, .made td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; } .made thead th { color: var(--quiet); font-size: .75rem; overflow-wrap: normal; } .made tbody th { font-weight: 500; } .made tr + tr { border-top: 1px solid var(--line); }
.reasons { margin: 0; padding-left: 1.2rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .8rem 0; } .decision { font-weight: 600; overflow-wrap: anywhere; } .decision.accepted { color: var(--accepted); } .decision.rejected { color: var(--rejected); } .decision.edited { color: var(--noise); }
.rejecting, .editor { display: block; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .8rem; margin: .6rem 0; } .rejecting > *, .editor > * { margin-bottom: .5rem; } .rejecting label, .editor label { display: block; font-size: .85rem; color: var(--quiet); margin-bottom: .15rem; }
.rejecting button, .editor button { margin-right: .5rem; }
textarea { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--strong-line); border-radius: 8px; padding: .45rem .6rem; resize: vertical; }
.buttons { display: flex; align-items: flex-end; } .keys { margin: 0 0 .8rem; } #examples > .card { margin-bottom: .8rem; padding: .6rem 1.2rem; } #examples > .card h2 { display: none; } #examples > .card p { display: inline; margin-right: 1rem; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; } .two ul { padding-left: 1.2rem; }
main > .card { margin-bottom: 1rem; }
@media (max-width: 36rem) { .made th, .made td { padding-right: .4rem; font-size: .8rem; } }
`;
