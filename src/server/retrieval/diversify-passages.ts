import { analyseText } from './analyse-text.ts';

const shingleWords = 4;
/** Share of the shorter text's shingles that a longer one must hold to count as saying the same. */
const duplicateShare = 0.8;
const defaultPerDocument = 3;

/** The runs of four words of a text; a text of fewer words is one run. */
export function shingleText(text: string): Set<string> {
  const words = analyseText(text).flatMap(({ word, isJoined }) => (isJoined ? [] : [word]));
  const count = Math.max(1, words.length - shingleWords + 1);
  return new Set(Array.from({ length: count }, (_, at) => words.slice(at, at + shingleWords).join(' ')));
}

/** How much of the smaller set the larger one holds, 0 to 1 (Broder, 1997: containment). */
export function measureContainment(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const [smaller, larger] = left.size <= right.size ? [left, right] : [right, left];
  if (smaller.size === 0) return 0;
  let shared = 0;
  for (const shingle of smaller) if (larger.has(shingle)) shared += 1;
  return shared / smaller.size;
}

/**
 * Keeps the order of a ranking, but leaves out passages that say what a better one says (shingle containment of at least
 * 0.8) and more than three of one document.
 * @param options.limit passages wanted
 * @param options.perDocument passages of one document, 3 by default
 */
export function diversifyPassages<T extends { documentId: number; text: string }>(
  ranked: readonly T[],
  options: { limit: number; perDocument?: number },
): T[] {
  const { limit, perDocument = defaultPerDocument } = options;
  const kept: { passage: T; shingles: Set<string> }[] = [];
  const perDocumentCount = new Map<number, number>();
  for (const passage of ranked) {
    if (kept.length >= limit) break;
    const count = perDocumentCount.get(passage.documentId) ?? 0;
    if (count >= perDocument) continue;
    const shingles = shingleText(passage.text);
    if (kept.some((better) => measureContainment(better.shingles, shingles) >= duplicateShare)) continue;
    kept.push({ passage, shingles });
    perDocumentCount.set(passage.documentId, count + 1);
  }
  return kept.map(({ passage }) => passage);
}
