import type { ChildNode, Element, ParentNode } from "domhandler";

/** Whether a node is an element, and no text, comment or declaration. */
export function isElement(node: ChildNode): node is Element {
  return "attribs" in node;
}

/** All text below a node as it is written there. */
export function textOf({ children }: ParentNode): string {
  return children
    .map((child) => (child.type === "text" ? child.data : "children" in child ? textOf(child) : ""))
    .join("");
}

/** The first element of a name below a node, and of those that fit where that is asked. */
export function findElement(
  { children }: ParentNode,
  name: string,
  fits: (found: Element) => boolean = () => true,
): Element | undefined {
  for (const child of children) {
    if (!("children" in child)) continue;
    if (isElement(child) && child.name === name && fits(child)) return child;
    const inner = findElement(child, name, fits);
    if (inner) return inner;
  }
  return undefined;
}

/** The elements of a name right below a node. */
export function childrenOf({ children }: ParentNode, name: string): Element[] {
  return children.filter(isElement).filter((child) => child.name === name);
}

/** The first of them. */
export function childOf(parent: ParentNode, name: string): Element | undefined {
  return childrenOf(parent, name)[0];
}

/** Whether an element is not seen, whatever it holds. */
export function isHidden({ name, attribs }: Element): boolean {
  if (name === "html" || name === "body" || name === "main") return false;
  const isStyledAway = /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attribs.style ?? "");
  const isClosed = name === "dialog" && attribs.open === undefined;
  return attribs.hidden !== undefined || attribs["aria-hidden"] === "true" || isStyledAway || isClosed;
}

/**
 * Shows what a page keeps closed until its reader opens it, such as answers below their questions and parts under tabs, and makes text of the buttons that open
 * it. A control names it or stands right before it; what is mostly links, as menus are, stays closed.
 */
export function openPanels(root: ParentNode): void {
  const elements = elementsIn(root);
  const controls = new Map<string, Element>();
  for (const element of elements)
    for (const id of controlledIds(element.attribs)) if (!controls.has(id)) controls.set(id, element);
  for (const element of elements) {
    const named = controls.get(element.attribs.id ?? "");
    const control = named ?? (isHidden(element) || named ? controlIn(elementBefore(element)) : undefined);
    const { hidden, role } = element.attribs;
    if (!control && !(isHidden(element) && (role === "tabpanel" || hidden === "until-found"))) continue;
    if (element.name === "dialog" || isMostlyLinks(element)) continue;
    for (const name of ["hidden", "aria-hidden", "style"]) delete element.attribs[name];
    if (control?.name === "button") control.name = "div";
  }
  for (const element of elements) if (element.name === "button" && isInTitle(element)) element.name = "span";
}

function elementsIn({ children }: ParentNode, found: Element[] = []): Element[] {
  for (const child of children) {
    if (!isElement(child)) continue;
    found.push(child);
    elementsIn(child, found);
  }
  return found;
}

/** The ids of what an element opens, as ARIA and Bootstrap name them. */
function controlledIds(attribs: Record<string, string>): string[] {
  const target = attribs["data-bs-target"] ?? attribs["data-target"];
  const isTab =
    attribs.role === "tab" || attribs["data-toggle"] !== undefined || attribs["data-bs-toggle"] !== undefined;
  const link = isTab ? attribs.href : undefined;
  return [...(attribs["aria-controls"] ?? "").split(/\s+/), target, link].flatMap((id) => id?.replace(/^#/, "") || []);
}

/** The button, or what else says whether something is open, that is an element or in it. */
function controlIn(element: Element | undefined): Element | undefined {
  if (!element) return undefined;
  return [element, ...elementsIn(element)].find(
    ({ name, attribs }) => name === "button" || attribs.role === "button" || attribs["aria-expanded"] !== undefined,
  );
}

function elementBefore({ prev }: Element): Element | undefined {
  let before = prev;
  while (before && !isElement(before)) before = before.prev;
  return before ?? undefined;
}

function isMostlyLinks(element: Element): boolean {
  const { words, linked } = measure(element, new Map(), false);
  return linked > words * maxLinkedShare;
}

function isInTitle({ parent }: Element): boolean {
  return parent !== null && isElement(parent as ChildNode) && /^(h[1-6]|dt|summary)$/.test((parent as Element).name);
}

/** What a subtree holds of seen text. */
interface Amount {
  words: number;
  /** Words of links. */
  linked: number;
  links: number;
}

const roles = new Set(
  "navigation search banner contentinfo menu menubar toolbar tablist dialog alertdialog complementary".split(" "),
);
/** Beginnings of the parts of class names and ids that say what an element is for; alone they prove nothing. */
const clutterNames =
  /^(nav|navbar|navbox|navigation|navheader|navfooter|menus?|mainmenu|submenu|breadcrumbs?|crumbs|sidebar|sphinxsidebar|footer|masthead|topbar|toolbar|shar(e|ing|edaddy).*|social.*|newsletter.*|subscri.*|signup|login|search|related.*|recommend.*|promo.*|teasers?|ads?|advert.*|sponsor.*|popup|modal|overlay|skip.*|pagination|pager|prevnext|tags|tagged|tagcloud|rating|widget|respond|reply|commentform|printfriendly|sticky|banner|outbrain|taboola)$/;
const consentNames =
  /^(cookies?|cookiebar|cookiebot|cookienotice|consent|gdpr|onetrust|didomi|usercentrics|truste|cmp)$/;
const contentNames = new Set(["main", "article"]);

const maxShort = 40;
const maxForm = 120;
/** A notice on cookies is at most this part of a page, however short that is. */
const maxConsent = 0.9;
const maxLinkedShare = 0.5;
const maxLinkedShareUnnamed = 0.7;
const minLinks = 3;
/** Links before the content have at most so many other words before them: the name of a site. */
const maxBefore = 30;
/** A page that keeps less than this part of its words was no page with clutter, but is what it seems to be clutter. */
const minKept = 0.25;

/**
 * Takes menus, banners, footers and the like out of a page. What is removed has two signs: its element, role or name, and that it is
 * short or mostly links; lists of links before all content that have no name for it are removed too. All other text stays: manuals,
 * tables and lists are content as articles are. Nothing is removed where hardly anything would be left.
 */
export function removeClutter(root: ParentNode): void {
  const amounts = new Map<ParentNode, Amount>();
  const total = measure(root, amounts, false);
  const clutter: Element[] = [];
  let removed = 0;
  /** Words of prose that stand before what is looked at. */
  let before = 0;
  const find = (parent: ParentNode, isContent: boolean): void => {
    for (const child of parent.children) {
      const amount = isElement(child) ? amounts.get(child) : undefined;
      if (child.type === "text") before += countWords(child.data);
      if (!amount || !isElement(child)) continue;
      if (child.name === "a") {
        if (isPermalink(child)) clutter.push(child);
      } else if (isClutter(child, { amount, isContent, total, before })) {
        clutter.push(child);
        removed += amount.words;
      } else find(child, isContent || contentNames.has(child.name) || child.attribs.role === "main");
    }
  };
  find(root, false);
  if (total.words - removed < total.words * minKept) {
    // An index is made of links: only what is named for it goes.
    for (const element of clutter)
      if (element.name === "nav" && amounts.get(element)!.words < total.words / 2) remove(element);
    return;
  }
  for (const element of clutter) remove(element);
}

function isClutter(
  element: Element,
  { amount, isContent, total, before }: { amount: Amount; isContent: boolean; total: Amount; before: number },
): boolean {
  const { name, attribs } = element;
  if (name === "body" || name === "html" || contentNames.has(name)) return false;
  if (name === "button") return !hasWords(element.parent);
  if (isPermalink(element)) return true;
  if (amount.words === 0) return false;
  const names = namesOf(attribs);
  if (names.some((part) => consentNames.test(part))) {
    const most = /cookie|consent/i.test(textOf(element)) ? maxConsent : 0.5;
    return amount.words < total.words * most;
  }
  const isShort = amount.words <= maxShort;
  const isLinked = amount.linked > amount.words * maxLinkedShare;
  if (name === "nav" || roles.has(attribs.role ?? "")) return isShort || isLinked || !isContent;
  const isPart = amount.words < total.words / 3;
  if (name === "form") return isPart && amount.words <= maxForm && findElement(element, "input") !== undefined;
  if (name === "footer") return isPart && (!isContent || isShort || isLinked);
  if (name === "aside") return isShort || isLinked;
  if (name === "header") return !isContent && (isShort || isLinked) && !hasHeading(element);
  if (names.some((part) => clutterNames.test(part)))
    return isPart && (isLinked || (isShort && !hasHeading(element))) && findElement(element, "h1") === undefined;
  return !isContent && before <= maxBefore && isLinkList(element, amount, total);
}

/** A run of short links, such as those of a menu that has no name; not a list of contents that is most of the page. */
function isLinkList({ name }: Element, { words, linked, links }: Amount, total: Amount): boolean {
  if (!/^(ul|ol|div|section|table|td|p|center)$/.test(name) || links < minLinks) return false;
  return linked > words * maxLinkedShareUnnamed && linked <= links * 4 && words < total.words / 4;
}

/** A sign beside a heading that links to it, and Wikipedia's links for editing. */
function isPermalink(element: Element): boolean {
  const names = namesOf(element.attribs);
  if (names.includes("editsection")) return true;
  if (element.name === "sup" && names.includes("reference")) return true;
  return element.name === "a" && /^[\s¶#§🔗]*$/u.test(textOf(element)) && /[¶#§🔗]/u.test(textOf(element));
}

/** `navBar_top mw-editsection` gives nav, bar, top, navbar, mw, editsection. */
function namesOf({ class: classes = "", id = "" }: Record<string, string>): string[] {
  return `${classes} ${id}`.split(/[\s_-]+/).flatMap((name) => {
    const parts = name.split(/(?<=[a-z])(?=[A-Z])/);
    return parts.length > 1 ? [...parts, name].map((part) => part.toLowerCase()) : name.toLowerCase();
  });
}

const uncounted = new Set("script style noscript template head iframe object svg select textarea".split(" "));

function measure(node: ParentNode, amounts: Map<ParentNode, Amount>, isLink: boolean): Amount {
  const amount: Amount = { words: 0, linked: 0, links: 0 };
  for (const child of node.children) {
    if (child.type === "text") {
      const words = countWords(child.data);
      amount.words += words;
      if (isLink) amount.linked += words;
    } else if (isElement(child)) {
      const isOpen = child.name === "a" && child.attribs.href !== undefined;
      const inner = uncounted.has(child.name) ? undefined : measure(child, amounts, isLink || isOpen);
      if (!inner) continue;
      amount.words += inner.words;
      amount.linked += inner.linked;
      amount.links += inner.links + (isOpen ? 1 : 0);
    }
  }
  amounts.set(node, amount);
  return amount;
}

const word = /[\p{L}\p{N}]+/gu;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;

/** Words, and in scripts without spaces half of the characters. */
function countWords(text: string): number {
  const characters = text.match(unspaced)?.length ?? 0;
  return (text.replace(unspaced, " ").match(word)?.length ?? 0) + Math.ceil(characters / 2);
}

function hasHeading(element: Element): boolean {
  return element.children.some((child) => isElement(child) && (/^h[1-3]$/.test(child.name) || hasHeading(child)));
}

function hasWords(parent: ParentNode | null): boolean {
  return parent?.children.some((child) => child.type === "text" && /\p{L}/u.test(child.data)) ?? false;
}

function remove(element: Element): void {
  const { parent } = element;
  if (parent) parent.children = parent.children.filter((child) => child !== element) as typeof parent.children;
}
