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
