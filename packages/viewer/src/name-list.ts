/** Names in the order in which they were first met, referred to by place. */
export interface NameList {
  names: string[];
  place(name: string): number;
}

/** An empty list. */
export function nameList(): NameList {
  const places = new Map<string, number>();
  const names: string[] = [];
  return {
    names,
    place(name) {
      const known = places.get(name);
      if (known !== undefined) return known;
      places.set(name, names.length);
      return names.push(name) - 1;
    },
  };
}
