import type { LosslessJson } from '@pawvault/archive';
import type { Node } from 'jsonc-parser';
import type { JsonDocument } from '../../instance/json/json-document';
import type { JsonObject } from '../../instance/json/json-value';
import { maskText } from '../../instance/json/masked-text';
import { tolerantTree } from '../../instance/json/tolerant-tree';
import { isSameJson } from './config-diff';

/** A syntax tree takes a hundred times as much memory as its text. */
const MAX_LENGTH = 1 << 20;

interface Edit {
  path: readonly string[];
  value: string;
}

/**
 * The bytes of a document after values have been replaced by strings at places that it already has; nothing else changes: comments, layout and
 * spelling stay.
 * @returns null if `root` differs from the document in another way; then it has to be printed anew
 */
export function rewriteDocument(document: JsonDocument, root: JsonObject): Buffer | null {
  const edits = editsBetween(document.root, root, []);
  const tree = edits === null || document.text.length > MAX_LENGTH ? null : tolerantTree(maskText(document.text));
  if (edits === null || tree === null) return null;
  const spans = edits.map(({ path, value }) => ({ node: nodeAt(tree, path), value }));
  let text = document.text;
  for (const { node, value } of spans.sort((a, b) => b.node.offset - a.node.offset))
    text = text.slice(0, node.offset) + JSON.stringify(value) + text.slice(node.offset + node.length);
  return Buffer.from(text, 'utf8');
}

/** null if something else differs than values that became strings. */
function editsBetween(before: JsonObject, after: JsonObject, path: readonly string[]): Edit[] | null {
  if (before.size !== after.size || ![...before.keys()].every((key) => after.has(key))) return null;
  const edits: Edit[] = [];
  for (const [key, value] of after) {
    const found = editsOf(before.get(key) ?? null, value, [...path, key]);
    if (found === null) return null;
    edits.push(...found);
  }
  return edits;
}

function editsOf(before: LosslessJson, after: LosslessJson, path: readonly string[]): Edit[] | null {
  if (before instanceof Map && after instanceof Map) return editsBetween(before, after, path);
  if (isSameJson(before, after)) return [];
  return typeof after === 'string' ? [{ path, value: after }] : null;
}

/** If a key is there twice the last one counts, as in every reader. */
function nodeAt(tree: Node, path: readonly string[]): Node {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const property = tree.children?.findLast(({ children }) => children?.[0]?.value === key);
  const value = property?.children?.[1];
  if (value === undefined) throw new RangeError('The document has no such place');
  return nodeAt(value, rest);
}
