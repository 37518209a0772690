/** The forms of a verb that a question needs. */
interface Verb {
  base: string;
  /** Which form this is. */
  form: "base" | "third" | "past";
}

const regular =
  "talk click select email contact request reference open close start end serve carry measure work use need require allow provide support offer contain include cover connect combine handle manage create add remove return accept receive follow join visit repair paint describe survey extend found establish elect appoint employ train move live die marry study arrive sail land fish rest nest nestle winter breed hatch vary depend rely apply belong consist exist remain stay last cross reach enter pass travel transport deliver produce publish print record report collect store load save process convert parse render wrap implement inherit define declare configure enable disable validate check test compare match filter sort search index embed retrieve rank score call invoke trigger emit stream fetch respond submit approve review sign owe charge earn protect preserve replace restore renew cause prevent reduce increase raise lower improve change turn play act perform compose direct star feature defeat host attend celebrate mark honor honour name discover invent design develop launch introduce release abandon destroy damage kill rescue guard watch burn display track monitor count list schedule plan organize organise ask answer explain represent govern rule own hire rent borrow donate plant harvest cook bake brew boil melt flow drain pump supply generate power heat cool sound signal flash warn help assist advise guide attach mount".split(
    " ",
  );
// Base, past; the third person is regular.
const irregular =
  "begin:began build:built rebuild:rebuilt become:became bring:brought buy:bought catch:caught choose:chose come:came cost:cost draw:drew drive:drove fall:fell feed:fed find:found fly:flew freeze:froze get:got give:gave go:went grow:grew hang:hung have:had hide:hid hold:held keep:kept lay:laid lead:led learn:learned leave:left lend:lent let:let lie:lay light:lit lose:lost make:made mean:meant meet:met overlook:overlooked pay:paid put:put read:read ring:rang rise:rose run:ran say:said see:saw sell:sold send:sent set:set shine:shone show:showed shut:shut sing:sang sink:sank sit:sat speak:spoke spend:spent stand:stood sweep:swept swim:swam take:took teach:taught tell:told throw:threw win:won write:wrote";

// The last consonant is doubled behind one stressed vowel.
const doubled: ReadonlySet<string> = new Set(
  "plan run win sit stop map rip zip ship submit emit begin drop trap pop hop".split(" "),
);

const forms = new Map<string, Verb>();
for (const base of regular) {
  forms.set(base, { base, form: "base" });
  forms.set(thirdOf(base), { base, form: "third" });
  forms.set(pastOf(base), { base, form: "past" });
}
for (const [base = "", past = ""] of irregular.split(" ").map((pair) => pair.split(":"))) {
  forms.delete(pastOf(base));
  forms.set(base, { base, form: "base" });
  forms.set(thirdOf(base), { base, form: "third" });
  if (past !== base) forms.set(past, { base, form: "past" });
}
forms.set("has", { base: "have", form: "third" });
// "Found" is of finding and of founding.
forms.set("found", { base: "find", form: "past" });

const participles: ReadonlySet<string> = new Set(
  "been begun become bought brought built rebuilt caught chosen come cost cut done drawn driven eaten fallen fed flown forbidden forgotten found frozen given gone grown held hidden hung hurt kept known laid led left lent let lit lost made meant met mown paid put read ridden risen run rung said seen sent set shown shut sold spent split spoken spread stolen sung sunk swept swum taken taught thrown told torn understood won worn woven written".split(
    " ",
  ),
);

/** The verb that a word is a finite form of, or may be. */
export function finiteVerb(word: string): Verb | undefined {
  return forms.get(word.toLowerCase());
}

/** Whether a word may be a participle of the past. */
export function isParticiple(word: string): boolean {
  return participles.has(word.toLowerCase()) || (/[a-z]{2}ed$/.test(word) && !/eed$/.test(word));
}

function thirdOf(base: string): string {
  if (/(?:s|x|z|ch|sh|o)$/.test(base)) return `${base}es`;
  return /[^aeiou]y$/.test(base) ? `${base.slice(0, -1)}ies` : `${base}s`;
}

function pastOf(base: string): string {
  if (base.endsWith("e")) return `${base}d`;
  if (/[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}ied`;
  return doubled.has(base) ? `${base}${base.at(-1)}ed` : `${base}ed`;
}
