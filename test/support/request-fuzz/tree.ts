/**
 * A JSON text as a tree that can say what values cannot: a member twice, `1e999`, a name that is no text. Damages change
 * trees in place.
 */
export type Tree =
  | { readonly kind: 'object'; readonly members: Array<Member> }
  | { readonly kind: 'list'; readonly items: Array<Tree> }
  /** As it is printed. */
  | { readonly kind: 'token'; readonly text: string };

/** A member; its name as it is printed, quotes included. */
export interface Member {
  name: string;
  value: Tree;
}

/** Where a value stands, to put another there. */
export interface Spot {
  get(): Tree;
  set(tree: Tree): void;
}

/** A value that is printed as it is. */
export function token(text: string): Tree {
  return { kind: 'token', text };
}

/** The tree of a JSON value. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return token(JSON.stringify(value));
  const members = Object.entries(value).map(([name, member]) => ({
    name: JSON.stringify(name),
    value: treeOf(member),
  }));
  return { kind: 'object', members };
}

/** The text, with `gap()` wherever JSON allows spaces. */
export function printTree(tree: Tree, gap: () => string = () => ''): string {
  if (tree.kind === 'token') return gap() + tree.text + gap();
  const inner =
    tree.kind === 'list'
      ? `[${tree.items.map((item) => printTree(item, gap)).join()}]`
      : `{${tree.members.map(({ name, value }) => `${gap()}${name}${gap()}:${printTree(value, gap)}`).join()}}`;
  return gap() + inner + gap();
}

/** The objects of a tree, the outermost first. */
export function objectsIn(tree: Tree): ReadonlyArray<Extract<Tree, { kind: 'object' }>> {
  if (tree.kind === 'token') return [];
  if (tree.kind === 'list') return tree.items.flatMap(objectsIn);
  return [tree, ...tree.members.flatMap(({ value }) => objectsIn(value))];
}

/** Every value below the root. */
export function spotsIn(tree: Tree): ReadonlyArray<Spot> {
  if (tree.kind === 'token') return [];
  const holders =
    tree.kind === 'object'
      ? tree.members.map((member) => ({
          get: () => member.value,
          set: (value: Tree) => {
            member.value = value;
          },
        }))
      : tree.items.map((_, index) => ({
          get: () => tree.items[index] ?? token('null'),
          set: (value: Tree) => {
            tree.items[index] = value;
          },
        }));
  return holders.flatMap((spot) => [spot, ...spotsIn(spot.get())]);
}

/** The member at a path of plain names; `undefined` = there is none. */
export function memberAt(tree: Tree, ...path: ReadonlyArray<string>): Member | undefined {
  const [name, ...rest] = path;
  if (tree.kind !== 'object') return undefined;
  const member = tree.members.find((each) => each.name === `"${name}"`);
  return member === undefined || rest.length === 0 ? member : memberAt(member.value, ...rest);
}
