import type { RetrievedPassage } from '../retrieval/passage.ts';
import type { Evidence, ScoredSentence } from './evidence/read-evidence.ts';
import { chooseText } from './choose-text.ts';
import type { EvidenceJudgement } from './judge-evidence.ts';
import type { Persona } from './persona.ts';
import { type SelectOptions, selectSentences, type SentenceGroup } from './select-sentences.ts';

/** A stretch of the answer. Excerpts are verbatim: `text` is passage.text.slice(start, end), runs of space made one. */
export type AnswerSegment =
  | { kind: 'frame'; text: string }
  | { kind: 'excerpt'; text: string; marker: number; passageId: number; start: number; end: number };

export type ExtractiveAnswer = {
  /** The joined texts of the segments are the answer, markers included. */
  segments: AnswerSegment[];
  content: string;
  /** Cited passages in the order of their markers, from 1. */
  cited: RetrievedPassage[];
};

export type ExtractiveOptions = SelectOptions & {
  /** What the persona says around its excerpts; the opening says that they are excerpts. */
  frames: Persona['frames'];
  /** Chooses among the frame texts; the same seed gives the same answer. */
  seed: number;
  verdict: EvidenceJudgement['verdict'];
};

/**
 * Answers a question with excerpts alone: the best sentences of the evidence, verbatim, each followed by its marker
 * `[n]`, the strongest passage first, inside the persona's frame. Undefined when no sentence can be quoted.
 */
export function answerExtractively(
  evidence: Evidence,
  options: ExtractiveOptions,
): ExtractiveAnswer | undefined {
  const selected = selectSentences(evidence, options);
  if (selected.groups.length === 0) return undefined;
  const cited: RetrievedPassage[] = [];
  const segments: AnswerSegment[] = [];
  const opening = chooseText(openingsFor(options, selected.isDisputed), { seed: options.seed });
  if (opening) segments.push({ kind: 'frame', text: `${opening}\n\n` });
  for (const [index, group] of selected.groups.entries()) {
    const passage = evidence.passages[group.passageIndex];
    if (passage === undefined) continue;
    cited.push(passage);
    if (index > 0) segments.push({ kind: 'frame', text: '\n\n' });
    segments.push(...quoteGroup(group, passage, cited.length));
  }
  const closing = chooseText(options.frames.closing, { seed: options.seed });
  if (closing) segments.push({ kind: 'frame', text: `\n\n${closing}` });
  return { segments, content: segments.map((segment) => segment.text).join(''), cited };
}

function openingsFor(options: ExtractiveOptions, isDisputed: boolean): readonly string[] {
  if (isDisputed) return options.frames.two_views;
  return options.verdict === 'partly' ? options.frames.opening_partly : options.frames.opening;
}

function quoteGroup(group: SentenceGroup, passage: RetrievedPassage, marker: number): AnswerSegment[] {
  const segments: AnswerSegment[] = [];
  let previous: ScoredSentence | undefined;
  for (const sentence of group.sentences) {
    if (previous !== undefined) segments.push({ kind: 'frame', text: separator(previous, sentence) });
    const text = sentence.text.replaceAll(/\s+/gu, ' ');
    segments.push({
      kind: 'excerpt',
      text: `${text} [${marker}]`,
      marker,
      passageId: passage.passageId,
      start: sentence.start,
      end: sentence.end,
    });
    previous = sentence;
  }
  return segments;
}

/** Items stand on their own lines, neighbours follow each other, and after a gap a new paragraph begins. */
function separator(previous: ScoredSentence, sentence: ScoredSentence): string {
  if (sentence.role === 'item') return previous.role === 'item' ? '\n' : '\n\n';
  if (previous.role === 'item') return '\n\n';
  return sentence.sentenceIndex === previous.sentenceIndex + 1 ? ' ' : '\n\n';
}
