import type { Analyser } from '../analyse-text.ts';
import type { IndexablePassage } from '../passage-index.ts';
import { encodeSegment } from './encode-segment.ts';
import { createSegmentDraft, draftSeparator, type SegmentDraft } from './segment-draft.ts';
import {
  maximumFieldFrequency,
  maximumSegmentPassages,
  maximumTextFrequency,
  type Segment,
  separatorOf,
  termAt,
} from './segment.ts';

export type SegmentBuilder = {
  readonly passageCount: number;
  /** Analyses a passage and adds it. */
  add(passage: IndexablePassage): void;
  /** Adds a passage of a built segment without analysing it again. */
  copy(segment: Segment, local: number): void;
  /** The bytes of the segment; the builder is used up. */
  finish(): Uint8Array;
};

/** A vector's direction in whole numbers from -127 to 127; its cosine with another differs by less than 0.01. */
export function quantiseVector(vector: Float32Array): Int8Array {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const scale = largest === 0 ? 0 : 127 / largest;
  const numbers = new Int8Array(vector.length);
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = Math.round(vector[at]! * scale);
  return numbers;
}

// Counts of one term in one passage by field, packed in a number: 20 bits for the text, 4 each for title and headings.
const fieldSteps = [1 << 20, 1 << 24, 1];

/** Counts the words of one passage by field and appends its distinct terms to the draft; returns the text's length. */
function appendPairs(draft: SegmentDraft, start: number): number {
  const counts = new Map<number, number>();
  const words = draft.sequences.view();
  let field = 0;
  let textLength = 0;
  for (let index = start; index < words.length; index += 1) {
    const term = words[index] ?? draftSeparator;
    if (term === draftSeparator) {
      field += 1;
      continue;
    }
    if (field === 2) textLength += 1;
    const count = counts.get(term) ?? 0;
    const isFull = field < 2 && ((count >> (20 + 4 * field)) & 15) === maximumFieldFrequency;
    if (!isFull) counts.set(term, count + (fieldSteps[field] ?? 1));
  }
  for (const [term, count] of counts) {
    const text = Math.min(count & 0xfffff, maximumTextFrequency);
    draft.pairTerms.push(term);
    draft.pairFrequencies.push(text | (((count >> 20) & 3) << 4) | (((count >> 24) & 3) << 6));
  }
  return textLength;
}

/**
 * Collects passages into one segment of at most `maximumSegmentPassages`.
 * @throws RangeError when a passage is one too many or its vector has another length than `dimension`
 */
export function createSegmentBuilder(options: { analyser: Analyser; dimension: number }): SegmentBuilder {
  const { analyser, dimension } = options;
  const draft = createSegmentDraft(dimension);
  const numberOf = new Map<string, number>();
  const copied = new WeakMap<Segment, Int32Array>();

  const numberTerm = (term: string): number => {
    const known = numberOf.get(term);
    if (known !== undefined) return known;
    const number = draft.terms.length;
    draft.terms.push(term);
    numberOf.set(term, number);
    return number;
  };
  const pushTerm = (term: string) => draft.sequences.push(numberTerm(term));

  const append = (
    passage: { id: number; documentId: number; namespace: string; vector: Int8Array | undefined },
    pushWords: () => void,
  ) => {
    if (draft.passageIds.length >= maximumSegmentPassages) {
      throw new RangeError(
        `A segment holds at most ${maximumSegmentPassages} passages; stage fewer at once.`,
      );
    }
    let namespace = draft.namespaces.indexOf(passage.namespace);
    if (namespace < 0) namespace = draft.namespaces.push(passage.namespace) - 1;
    const start = draft.sequences.length;
    draft.passageIds.push(passage.id);
    draft.documentIds.push(passage.documentId);
    draft.namespaceOf.push(namespace);
    draft.sequenceOffsets.push(start);
    draft.pairOffsets.push(draft.pairTerms.length);
    pushWords();
    draft.textLengths.push(Math.min(appendPairs(draft, start), 0xffff));
    if (dimension > 0) draft.vectors.push(passage.vector ?? new Int8Array(dimension));
  };

  return {
    get passageCount() {
      return draft.passageIds.length;
    },
    add(passage) {
      if (passage.vector !== undefined && passage.vector.length !== dimension) {
        throw new RangeError(
          `The vector of passage ${passage.id} has ${passage.vector.length} numbers, not ${dimension}.`,
        );
      }
      const vector = passage.vector === undefined ? undefined : quantiseVector(passage.vector);
      append({ id: passage.id, documentId: passage.documentId, namespace: passage.namespace, vector }, () => {
        analyser.visitTerms(passage.title, pushTerm);
        draft.sequences.push(draftSeparator);
        for (const heading of passage.headingPath) analyser.visitTerms(heading, pushTerm);
        draft.sequences.push(draftSeparator);
        analyser.visitTerms(passage.text, pushTerm);
      });
    },
    copy(segment, local) {
      let numbers = copied.get(segment);
      if (numbers === undefined) copied.set(segment, (numbers = new Int32Array(segment.termCount).fill(-1)));
      const known = numbers;
      const vector =
        segment.dimension === dimension && dimension > 0
          ? segment.vectors.slice(local * dimension, (local + 1) * dimension)
          : undefined;
      const passage = {
        id: segment.passageIds[local] ?? 0,
        documentId: segment.documentIds[local] ?? 0,
        namespace: segment.namespaces[segment.namespaceOf[local] ?? 0] ?? '',
        vector,
      };
      append(passage, () => {
        const separator = separatorOf(segment);
        const end = segment.sequenceOffsets[local + 1] ?? 0;
        for (let index = segment.sequenceOffsets[local] ?? 0; index < end; index += 1) {
          const term = segment.sequences[index] ?? separator;
          if (term === separator) {
            draft.sequences.push(draftSeparator);
            continue;
          }
          let number = known[term] ?? -1;
          if (number < 0) known[term] = number = numberTerm(termAt(segment, term));
          draft.sequences.push(number);
        }
      });
    },
    finish: () => encodeSegment(draft),
  };
}
