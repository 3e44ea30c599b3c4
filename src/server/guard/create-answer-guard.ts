import { type AnswerRemovals, cleanAnswerWord, holdsInventedUrl, mayStillChange } from './answer-words.ts';
import { composeRefusal } from './compose-guard-text.ts';
import { createPromptLeakDetector } from './detect-prompt-leak.ts';
import { createGuardEngine, type GuardEngine } from './guard-engine.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { createAnswerSentenceJudge } from './judge-answer-sentence.ts';

/** Why an answer was ended early; `reason` is a sentence for curators. */
export type AnswerDecision = {
  action: 'refuse';
  policyId: string;
  category: string;
  reason: string;
  score: number;
};

export type AnswerGuard = {
  /** Takes the next piece of the model's text and gives what may leave now (often earlier text, or nothing). */
  push: (delta: string) => string;
  /** Ends the text and gives the rest that may leave. */
  end: () => string;
  /** The decision that ended the answer, or null while nothing was wrong. */
  decision: () => AnswerDecision | null;
  /** How many markers, URLs and sentences were taken out on the way. */
  removals: () => Readonly<AnswerRemovals>;
};

export type AnswerGuardOptions = {
  policy: GuardPolicy;
  /** Numbered sources of this answer; `[n]` beyond it is removed. */
  markers: number;
  /** Most characters that wait for a decision; children's answers wait for a whole sentence instead. Default 80. */
  holdBackCharacters?: number;
  /** Secret parts of the prompt that must not be repeated. */
  promptFragments?: readonly string[];
  /** URLs of the sources; all others are taken for invented. */
  allowedUrls?: readonly string[];
  /** For the variant of the closing words. */
  seed?: number | string;
  engine?: GuardEngine;
};

const maxWordCharacters = 60;
const maxSentenceCharacters = 600;
const sentenceEnd = /(?:[.!?…][")\]”’]*|[。！？])$|\n$/u;
const wordsWithoutSpaces = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]$/u;

/**
 * A streaming check of one answer. The text is read character by character, so the output does not depend on how it was
 * cut into deltas. Words leave at once while nothing in their sentence is alarming; otherwise at most
 * `holdBackCharacters` wait (an unfinished URL of a source may be longer) until the sentence is judged. Harmful content or a leak of the prompt ends the answer with the persona's own words.
 */
export function createAnswerGuard(options: AnswerGuardOptions): AnswerGuard {
  const { policy } = options;
  const allowedUrls = options.allowedUrls ?? [];
  const removals: AnswerRemovals = { markers: 0, urls: 0, sentences: 0 };
  const wordRules = { sourceCount: options.markers, allowedUrls, removals };
  const judge = createAnswerSentenceJudge(options.engine ?? createGuardEngine(), policy);
  const leaks = createPromptLeakDetector(options.promptFragments ?? []);
  const isForChildren = policy.audience === 'children';
  const holdBack = isForChildren ? maxSentenceCharacters : (options.holdBackCharacters ?? 80);
  let word = '';
  let held: string[] = [];
  let heldCharacters = 0;
  let sentence = '';
  let isWaiting = isForChildren;
  let isSwallowing = false;
  let isDropping = false;
  let decision: AnswerDecision | null = null;
  let output = '';

  const dropHeld = (): void => {
    held = [];
    heldCharacters = 0;
  };

  const stop = (found: Omit<AnswerDecision, 'action' | 'score'>): void => {
    decision = { action: 'refuse', score: 1, ...found };
    dropHeld();
    word = '';
    const closing = composeRefusal({ policy, decision: found, seed: options.seed ?? 0 });
    output += `\n\n${closing}`;
  };

  const judgeSentence = (): 'fine' | 'dropped' | 'stopped' => {
    const finding = judge.judge(sentence);
    if (finding === undefined) return 'fine';
    if (finding.kind === 'instruction') {
      if (!isDropping) removals.sentences += 1;
      isDropping = true;
      dropHeld();
      return 'dropped';
    }
    stop({ policyId: finding.ruleId, category: finding.category, reason: finding.reason });
    return 'stopped';
  };

  const releaseOver = (limit: number): void => {
    while (held.length > 0 && heldCharacters > limit) {
      const first = held.shift() ?? '';
      output += first;
      heldCharacters -= first.length;
    }
  };

  /** A sentence without alarming words cannot be found guilty, so it is not judged at all. */
  const finishSentence = (): void => {
    if (isWaiting && judgeSentence() === 'stopped') return;
    releaseOver(0);
    sentence = '';
    isWaiting = isForChildren;
    isDropping = false;
  };

  const finishWord = (): void => {
    const cleaned = cleanAnswerWord(word, wordRules);
    word = '';
    isSwallowing = false;
    if (cleaned === '') return;
    const leak = leaks.read(cleaned);
    if (leak === 'leak') {
      stop({
        policyId: 'prompt-leak',
        category: 'private-instructions',
        reason: 'The answer began to repeat the hidden instructions.',
      });
      return;
    }
    held.push(cleaned);
    heldCharacters += cleaned.length;
    sentence = (sentence + cleaned).slice(-maxSentenceCharacters);
    if (!isWaiting) isWaiting = leak === 'maybe' || judge.isAlarming(sentence.slice(-40));
    if (sentenceEnd.test(cleaned)) finishSentence();
    else if (!isWaiting) releaseOver(0);
  };

  const keepWithinHoldBack = (): void => {
    const free = Math.max(0, holdBack - word.length);
    if (heldCharacters > free && judgeSentence() === 'fine') releaseOver(free);
  };

  const step = (character: string): void => {
    if (decision !== null) return;
    const isSpace = /\s/u.test(character);
    const endsWord = isSpace && word.trim() !== '' && !/\[[\d,; ]{1,12}$/u.test(word);
    if (endsWord) finishWord();
    if (decision !== null) return;
    if (isSpace && character === '\n' && sentence.trim() !== '') finishSentence();
    if (decision !== null) return;
    if (!isSwallowing || isSpace) word += character;
    isSwallowing ||= holdsInventedUrl(word, allowedUrls);
    const isHighSurrogate = /[\ud800-\udbff]$/u.test(character);
    const isTooLong =
      word.length >= Math.min(maxWordCharacters, holdBack) &&
      !isHighSurrogate &&
      !mayStillChange(word, allowedUrls);
    if (!isSwallowing && !/https?:|www\./iu.test(word) && (isTooLong || wordsWithoutSpaces.test(word)))
      finishWord();
    if (decision === null && isWaiting) keepWithinHoldBack();
  };

  const take = (): string => {
    const text = output;
    output = '';
    return text;
  };

  return {
    push(delta) {
      // By code unit and not by code point: a delta may end in the middle of a surrogate pair.
      for (let position = 0; position < delta.length; position += 1) step(delta.charAt(position));
      return take();
    },
    end() {
      if (decision === null && word !== '') finishWord();
      if (decision === null) finishSentence();
      return take();
    },
    decision: () => decision,
    removals: () => removals,
  };
}
