/** Groups that grow together: `join` two members, ask `rootOf` one. Ids count from 0. */
export interface DisjointSets {
  add(): number;
  rootOf(member: number): number;
  join(a: number, b: number): void;
}

/** Disjoint sets with path halving (Tarjan and van Leeuwen 1984). */
export function disjointSets(): DisjointSets {
  const parents: number[] = [];
  function rootOf(member: number): number {
    let at = member;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }
  return {
    add: () => parents.push(parents.length) - 1,
    rootOf,
    join(a, b) {
      parents[Math.max(rootOf(a), rootOf(b))] = Math.min(rootOf(a), rootOf(b));
    },
  };
}
