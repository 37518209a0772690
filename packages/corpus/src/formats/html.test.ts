import { describe, expect, it } from "vitest";
import { htmlDocument } from "./html.ts";

const prose = "The valve opens when the pressure reaches four bar, and closes as soon as the pump stops. "
  .repeat(3)
  .trim();
const page = (body: string, head = "<title>Valve manual</title>") =>
  `<!DOCTYPE html><html lang="en"><head>${head}</head><body>${body}</body></html>`;
const read = (html: string) => htmlDocument(html, "page.html");
const textOf = (body: string) => read(page(body)).text;

describe("the content of a page", () => {
  it("is left without menus, banners, cookie notices and footers", () => {
    const links = Array.from({ length: 12 }, (_, i) => `<li><a href="/${i}">Entry ${i}</a></li>`).join("");
    const text = textOf(`
      <div id="cookie-banner" class="cookieConsent"><p>We use cookies to improve your experience. Accept?</p><button>Accept all</button></div>
      <header><a href="/">Home</a></header><nav><ul>${links}</ul></nav><div class="mainMenu"><ul>${links}</ul></div><ul>${links}</ul>
      <div class="content"><h1>Valve manual</h1><p>${prose}</p><p>${prose}</p></div>
      <div class="newsletter-signup"><p>Subscribe to our newsletter.</p></div><div class="footer">© 2024</div><footer>Imprint</footer>`);
    expect(text).toBe(`Valve manual\n\n${prose}\n\n${prose}`);
    expect(
      textOf('<div class="cookie-consent">We use cookies.</div><main><h1>Contact</h1><p>Call 555.</p></main>'),
    ).toBe("Contact\n\nCall 555.");
  });

  it.each<[what: string, body: string, kept: string[]]>([
    [
      "prose in parts with suspicious names",
      `<h1>A</h1><div class="sidebar-layout"><p>${prose}</p></div><div id="comments"><p>Comment: ${prose}</p></div><div class="related-info"><p>Remark: ${prose}</p></div>`,
      ["Comment:", "Remark:"],
    ],
    [
      "short sections beside a long one",
      `<h1>Hours</h1><h2>Library</h2><p>Mon-Fri 9-17.</p><h2>Museum</h2><p>${prose}</p><h2>Archive</h2><p>By appointment.</p>`,
      ["Hours", "Mon-Fri 9-17.", "By appointment."],
    ],
    [
      "tables that a page is laid out by",
      `<table><tr><td><a href="/">Home</a></td></tr><tr><td><h1>KX22</h1><table><tr><td>Grade</td><td>KX22</td></tr><tr><td>Yield</td><td>890</td></tr></table><h2>Mechanics</h2><p>${prose}</p></td></tr></table>`,
      ["KX22", "| Yield | 890 |", "Mechanics"],
    ],
    [
      "a heading that is the title too",
      "<h1>Valve manual</h1><p>Short.</p><blockquote>Quoted.</blockquote>",
      ["Valve manual", "Quoted."],
    ],
    [
      "an index of links",
      `<h1>Index</h1><ul>${Array.from({ length: 40 }, (_, i) => `<li><a href="/${i}">function_${i}</a></li>`).join("")}</ul>`,
      ["function_0", "function_39"],
    ],
    [
      "definitions and signatures",
      `<div role="main"><h1>start<a class="headerlink" href="#x">¶</a></h1><dl><dt>speed<a href="#y">¶</a></dt><dd><p>turns per minute</p></dd></dl></div>`,
      ["start\n", "speed\n", "turns per minute"],
    ],
    [
      "several articles",
      [1, 2, 3].map((i) => `<article><h2>News ${i}</h2><p>Item ${i}: ${prose}</p></article>`).join(""),
      ["News 1", "Item 2:", "Item 3:"],
    ],
    [
      "a byline and a summary",
      `<article><h1>Report</h1><p class="author">By the board</p><p>${prose}</p><div class="summary"><p>Summary: closed.</p></div></article>`,
      ["By the board", "Summary: closed."],
    ],
  ])("keeps %s", (_what, body, kept) => {
    const text = textOf(body);
    for (const part of kept) expect(text).toContain(part);
    expect(text).not.toContain("¶");
  });

  it("has headings at their own depth, and a title from the page, a heading or the file", () => {
    const { text, headings, title } = read(page(`<h1>One</h1><p>${prose}</p><h3>Two <em>parts</em></h3><p>x</p>`, ""));
    expect(headings?.map(({ at, depth, title }) => [text.slice(at, at + 3), depth, title])).toEqual([
      ["One", 1, "One"],
      ["Two", 3, "Two parts"],
    ]);
    expect([title, read("<p>Only this.").title]).toEqual(["One", "page"]);
  });

  it("is read from 1,200 nested elements, and from fragments and unclosed tags", () => {
    expect(textOf(`${"<div>".repeat(1200)}<p>${prose}</p>${"</div>".repeat(1200)}`)).toBe(prose);
    expect(read("<h1>A</h1>\n<p>First <p>Second <ul><li>one<li>two</ul>").text).toBe(
      "A\n\nFirst\n\nSecond\n\n- one\n- two",
    );
  });

  it.each([
    [
      "answers below buttons",
      '<button aria-expanded="false">Which key?</button><div style="display:none">The red one.</div>',
      "Which key?\nThe red one.",
    ],
    [
      "answers that a button in a heading names",
      '<h2><button data-bs-target="#a">Which key?</button></h2><div hidden>Oh.</div><div id="a" hidden>The red one.</div>',
      "Which key?\n\nOh.\nThe red one.",
    ],
    [
      "definitions",
      '<dl><dt><button aria-expanded="false">Which key?</button></dt><dd hidden>The red one.</dd></dl>',
      "Which key?\nThe red one.",
    ],
    [
      "parts under tabs, and what a search may open",
      '<p role="tabpanel" hidden>apt install</p><p hidden="until-found">More.</p>',
      "apt install\n\nMore.",
    ],
    [
      "no menu, and no button of its own",
      '<button aria-controls="m">Menu</button><ul id="m" hidden><li><a href="/1">One</a></li></ul><button>Share</button>',
      "",
    ],
  ])("keeps what a reader opens: %s", (_, body, kept) => {
    expect(textOf(`<main><p>${prose}</p>${body}</main>`).slice(prose.length).trim()).toBe(kept);
  });

  it("reads on behind a tag that closes itself in a page that is XML", () => {
    const html = `<?xml version="1.0"?><html><body><p>Before.</p><script src="a.js"/><p>After.</p></body></html>`;
    expect(read(html).text).toBe("Before.\n\nAfter.");
  });

  it("leaves out what is hidden", () => {
    const hidden =
      '<p style="display:none">a1</p><p hidden>b2</p><p aria-hidden="true">c3</p><template>d4</template><dialog>e5</dialog>';
    expect(textOf(`<p>${prose}</p>${hidden}<script>f6</script>`)).toBe(prose);
  });
});

describe("the text of a page", () => {
  it.each<[what: string, body: string, text: string]>([
    [
      "tables with paragraphs in cells",
      "<table><tr><th><p>Item</p></th><th><p>Price</p></th></tr><tr><td><p>Fibre</p></td><td></td></tr></table>",
      "| Item | Price |\n| --- | --- |\n| Fibre |  |",
    ],
    [
      "cells over several columns",
      '<table><tr><th colspan="2">A|B</th><th>C</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>',
      "| A\\|B |  | C |\n| --- | --- | --- |\n| 1 | 2 | 3 |",
    ],
    [
      "readings of characters",
      "<p><ruby>吾輩<rp>（</rp><rt>わがはい</rt><rp>）</rp></ruby>は<ruby>猫<rt>ねこ</rt></ruby>である。</p>",
      "吾輩（わがはい）は猫（ねこ）である。",
    ],
    [
      "MathML by its TeX",
      '<p>The energy <math><semantics><mrow><mi>E</mi><mo>=</mo></mrow><annotation encoding="application/x-tex">E=mc^2</annotation></semantics></math> was</p>',
      "The energy E=mc^2 was",
    ],
    [
      "MathML without TeX",
      "<p><math><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mfrac><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></mfrac></math></p>",
      "x^2+(ab)/2",
    ],
    [
      "KaTeX once",
      '<p>So <span class="katex"><span class="katex-mathml"><math><semantics><mi>E</mi><annotation encoding="application/x-tex">E=m</annotation></semantics></math></span><span class="katex-html" aria-hidden="true"><span>E</span><span>=m</span></span></span> holds.</p>',
      "So E=m holds.",
    ],
    [
      "MathJax by its script",
      '<p>So <span class="MathJax">E=m</span><script type="math/tex">E=m</script> holds.</p>',
      "So E=m holds.",
    ],
    [
      "hidden MathML of Wikipedia",
      '<p>So <span class="mwe-math-element"><span class="mwe-math-mathml-inline" style="display: none;"><math alttext="a+b"><mi>a</mi></math></span><img aria-hidden="true" alt="a+b"></span>.</p>',
      "So a+b.",
    ],
    [
      "inline XBRL in the line",
      '<p><span>Revenue was $</span><ix:nonFraction scale="6">21.3</ix:nonFraction><span> million</span></p>',
      "Revenue was $21.3 million",
    ],
    [
      "exponents, indices and ordinals",
      "<p>10<sup>6</sup> N<sup>[1]</sup>, H<sub>2</sub>O, 1<sup>st</sup></p>",
      "10^6 N[1], H2O, 1st",
    ],
    [
      "characters that are not seen",
      "<p>non&shy;breaking zero&#8203;width<wbr>join A&amp;B</p>",
      "nonbreaking zerowidthjoin A&B",
    ],
    ["definitions", "<dl><dt>Term</dt><dd>Meaning.</dd></dl>", "Term\nMeaning."],
    ["numbered lists", '<ol start="3"><li>c</li><li>d<ul><li>e</li></ul></li></ol>', "3. c\n4. d\n\n- e"],
    ["code as it stands", "<pre>  a\n    b</pre><code>one<br>two</code>", "  a\n    b\n\none\ntwo"],
    [
      "pictures and buttons that say something",
      '<p>Click <img src="i.png" alt="Save"> or <button>Send</button> to go.</p><p><img alt="a.png"></p>',
      "Click Save or Send to go.",
    ],
    [
      "words of drawings",
      "<p>So:</p><svg><title>Icon</title><g><text>begin</text><text>commit</text></g></svg>",
      "So:\n\nbegin commit",
    ],
    ["custom elements apart", "<my-card>one</my-card><my-card>two</my-card>", "one two"],
  ])("keeps %s", (_what, body, text) => {
    expect(textOf(body)).toBe(text);
  });

  it("is empty of a page of frames", () => {
    expect(read("<html><frameset><frame src=a><noframes>No frames.</noframes></frameset></html>").text).toBe("");
  });
});
