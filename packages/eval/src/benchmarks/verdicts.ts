import { defineBenchmark } from "../benchmark.ts";
import type { Layout } from "../item.ts";
import { goldsOf, missing, withExtras } from "../layouts/common.ts";
import { isFields, textOf } from "../layouts/fields.ts";

/**
 * The test questions of PubMedQA's expert-labelled thousand (Jin et al. 2019), by the PubMed ids that the authors' `test_ground_truth.json`
 * lists: each id less the one before it, in base 36, in ascending order.
 */
const differences = `
4gdcz by2 12i3 2hy4 47az 6jos q1h 3rvb 34m6 z1m 3onj 2bg9 1cot 53c 3nk 3u5p w0u 18ne 3i17 1d81 tg9 ecw 3t1 15gp umq
g6w a7x 2a1x 48xm 4lvg hhr bpg lfu gln 2bd9 y8j 50u fas 16fi q1i 18u2 4arv p1f cyr s1t wsr yia ylu 53g 1bin ydd 19rs
607 5o7g kpp fbp hrw bv 1i4 1t0x 2fo 5mws lqt 44u 19lb cpm 9su bph 5e0 mdq psf nbc f93 2xh 30v hyu igi eaz 6vo 11yy
3cal 1xg l2b 9d3 hw7 w4u 2dus qdu 1uj 2ux2 33f g90 b9p vyy 1b8 1ech 121d 5r9 xvyk 10yw lku 31h gg4 u8g 45r 3qyp 223y
1kfh 6t0 1lg hz wry 17cm 17g0 c66 3j5g 24x9 v8 ai3 k1i 1h58 2d17 1fbu 1fuo 1nhi b6 ivf 13x4 13g3 264l 2jh2 nd5 2291
7xt c5c zjs 1khb 30en r1l h3k psk 2rg 2n4 1hu nw8 58w 97g y5o 1xno 4wl 2e6 1akd euz 2mo 5l4 aox 2i05 c6z 1ejs 1n7 nrl
rgb a1o 1xr0 2jxz q1d h80 1b6j 7c3 4cm4 c4c n08 nsj 11la gbm j4z 1z4q gsz 1vq vd0 9h9 3p6 2wk o1p 7ck hrv 93m 2of s2m
ezr gf0 rns sb6 iij 8lk ni1 29l irw 2bi 1f 1ha iib hfe 12tr k5r bmx 4u0 3fb 1e33 epv 2n9h 1y1 23z1 1kcf 2nw 2a0 1ja
gkj 9fa 20y5 1er4 11ms xer 32z fxu 8mv sxs a3w 169 sse kcn m04 2v8 bhm 10a2 15ra 31jc dkr 19tk 7ru 30t1 fet sfa 1eme
82w 25b1 6s1 nib d96 3x2h ru 90o gn8 4d5 j9t iz 1qz 2du gos 2ahj 5z 2frk 2lcr 27r1 11eu vbu nvb fce agg ioe 35o 1ugg
2t3 brq pgv jm8 93t lei gj9 3ipo 9y5 nq4 huk ben 1bwp qy1 glp 2kt kd qr aq7 joa 17jy 4mw 19zh s8 8ao e7b q2m w56 sgf
py2 uj4 4hw 271 n3 axu bw3 rsq z8o 1ve b50 dcx 1id0 tok 4hg 5jb 6kc 74w 7sj 1xr 2bx 20o 1n2t l35 9fv 9b5 3w 8ng 2as
8n8 jxp tux 1fjs 13c2 joh 2nav 13ib 1kcq l97 1006 19mh tla jxg 92r 1mt anv 3n7 p10 7kp kmn 59o uip 1lu fue gxl m56 2f9
12rs 16w6 9wg zd6 jk5 ppf 90s 31i t3m h29 zvk p6p x1b go3 fo 10j3 9i0 1er2 13od 1676 jed lc9 fp2 dtl 329 9bq 4rm 1xug
kct 3uz bch 91b 748 1amp aup i8t 66k 214 vn7 2po 1i9 kcx vr2 9h0 10i3 87b 2f36 16md dow 11o 857 rin sf9 ib3 3qbo 216
o0a 1a3s i1j 1qbx 4rm 573 8er 37t dta 1331 cr6 cah 7ry 16n5 4jd ih8 k66 kul 57 2xi h7f bdg crj 1nbd 150z z90 143i 1lvx
a9d 5z9 mp9 sbe 6wi 4sg 1wyn y28 gea 11ay q0 vgo 8qv yd1 ff0 9wf 5zh 43o cqb hv2 3w5 26v0 1hz4 wdo ob6 9c5 bzt ld2 c7e
wu5 1lsu 2pw 4q3 z9q rg4 3q4 1q2d 1dlm 4kf 13ky 17bq 1byf 1zae x18 i10 kvk 15r 2fze 1ad8 uxj 2tp7 1fkh 1uve 14xf 13by
2e9c 7gpy 8oil`;

/** The 500 PubMed ids. */
function pubmedqaTestIds(): Set<string> {
  let id = 0;
  const ids = differences
    .trim()
    .split(/\s+/)
    .map((difference) => {
      id += Number.parseInt(difference, 36);
      return String(id);
    });
  return new Set(ids);
}

const labels = ["true", "false", "mixture", "unproven"];
/** Hugging Face's labels by number. */
const hubLabels = ["false", "mixture", "true", "unproven"];
const goldKeys = ["golds", "golden_answers", "label", "answers", "answer"];

/**
 * PUBHEALTH's own columns and processed files with `golds` or `answers`. The rows of the original test.tsv have one value
 * more than the header has names, a row number in front, which the reader of tables sets aside.
 */
const pubhealthLayout: Layout = (fields) => {
  const claim = textOf(fields, "claim", "question", "instruction", "query");
  if (claim === undefined)
    return "claim_id" in fields || "golds" in fields ? missing("question", ["claim"]) : undefined;
  const golds = goldsOf(fields, goldKeys).map((gold) => hubLabels[Number(gold)] ?? gold.toLowerCase());
  if (golds.length === 0) return missing("gold", goldKeys);
  const id = textOf(fields, "claim_id", "id");
  if (!golds.every((gold) => labels.includes(gold))) {
    return { reason: "missing-gold", detail: `label "${golds.join(", ")}" is not one of ${labels.join(", ")}` };
  }
  const item = withExtras(fields, { question: claim, golds });
  return { ...item, id: id ?? item.id };
};

/** PUBHEALTH (Kotonya and Toni 2020): claims on public health, true or false. */
export const pubhealth = defineBenchmark({
  id: "pubhealth",
  name: "PubHealth",
  column: "Pub",
  task: "claim",
  verdicts: ["true", "false"],
  reference: "contains",
  sources: ["health_claims_processed"],
  layouts: [pubhealthLayout],
  instruction: ({ question }) => `Is the following statement True or False?\n${question}`,
  subset: {
    count: 987,
    rule: "test claims labelled true or false; mixtures and unproven claims are left out (Asai et al. 2024, Self-RAG)",
    keeps: ({ golds }) => golds.every((gold) => gold === "true" || gold === "false"),
  },
});

const decisionKeys = ["golds", "golden_answers", "final_decision", "answer", "answers"];

/** PubMedQA's own keys (`QUESTION`, `CONTEXTS`, `final_decision`), its Hugging Face columns, and processed files with `context` and `golds`. */
const pubmedqaLayout: Layout = (fields) => {
  const question = textOf(fields, "QUESTION", "question", "instruction");
  if (question === undefined)
    return "CONTEXTS" in fields || "pubid" in fields ? missing("question", ["QUESTION"]) : undefined;
  const golds = goldsOf(fields, decisionKeys);
  if (golds.length === 0) return missing("gold", decisionKeys);
  const context = abstractOf(fields);
  const id = textOf(fields, "pubid", "PMID", "id");
  const item = withExtras(fields, { question, golds: golds.map((gold) => gold.toLowerCase()) });
  return { ...item, id: id ?? item.id, context: context === "" ? item.context : context };
};

function abstractOf(fields: Parameters<Layout>[0]): string {
  const hub = isFields(fields.context) ? fields.context.contexts : fields.context;
  const parts = Array.isArray(fields.CONTEXTS) ? fields.CONTEXTS : Array.isArray(hub) ? hub : [hub];
  return parts
    .filter((part) => typeof part === "string")
    .join(" ")
    .trim();
}

let testIds: Set<string> | undefined;

/** Whether a question belongs to the published test half; one without a PubMed id cannot be told and is kept. */
function isTestQuestion({ id }: { id: string }): boolean {
  if (!/^\d{7,8}$/.test(id)) return true;
  testIds ??= pubmedqaTestIds();
  return testIds.has(id);
}

/** PubMedQA, expert-labelled (Jin et al. 2019): yes, no or maybe from the question's own abstract. Test: 500 of 1,000. */
export const pubmedqa = defineBenchmark({
  id: "pubmedqa",
  name: "PubMedQA",
  column: "PubMed",
  task: "yes-no",
  verdicts: ["yes", "no", "maybe"],
  reference: "contains",
  sources: ["pubmedqa_test_retrieved"],
  layouts: [pubmedqaLayout],
  instruction: ({ question }) => `Answer the question with yes, no or maybe.\n\n### Question:\n${question}`,
  ownContext: true,
  subset: {
    count: 500,
    rule: "the authors' test half of the thousand labelled questions, by PubMed id; questions without one are taken to be of it already",
    keeps: isTestQuestion,
  },
});
