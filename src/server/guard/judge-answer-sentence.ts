import { alarmPatterns } from './data/alarm-patterns.ts';
import { patternParts } from './data/pattern-parts.ts';
import type { GuardEngine } from './guard-engine.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { compilePatterns } from './match-rules.ts';
import { findInstructionRule } from './neutralise-instructions.ts';
import { normaliseForGuard } from './normalise-for-guard.ts';

export type AnswerFinding = {
  kind: 'harm' | 'instruction';
  ruleId: string;
  category: string;
  reason: string;
};

export type AnswerSentenceJudge = {
  /** What is wrong with a sentence, or undefined. */
  judge: (sentence: string) => AnswerFinding | undefined;
  /** Whether a word could begin something that `judge` finds; text without such words need not wait. */
  isAlarming: (text: string) => boolean;
};

// Curated texts tell of blows, thefts and quarrels; only how-to content that is never a lesson ends an answer.
const graveRules: ReadonlySet<string> = new Set([
  'weapons',
  'illegal-drugs',
  'sexual-abuse',
  'grave-violence',
  'self-harm-promotion',
  'cyber',
  'hate',
]);
const alarm = compilePatterns('alarm words', alarmPatterns, patternParts);
const method = compilePatterns(
  'method details',
  [
    '(?:lethal|fatal|deadly) (?:dose|amount|overdose) (?:of|is|for)|(?:take|swallow|crush) (?:\\w+ ){0,4}?(?:<pills>) (?:\\w+ ){0,6}?(?:to die|painless|never wake|end your life|kill yourself)|(?:kill|hang|drown|cut|hurt) yourself|(?:tie|make) (?:a|the) noose|slit your wrists|end your (?:own )?life|you should die|better off dead',
  ],
  patternParts,
);
const caring =
  /\b(?:if you|thoughts? of|do not|never|help|helpline|call|feel like|urge to|want to|thinking)\b/u;

/** Judges sentences of an answer for one persona. */
export function createAnswerSentenceJudge(engine: GuardEngine, policy: GuardPolicy): AnswerSentenceJudge {
  const certainty = policy.audience === 'children' ? 0.5 : 0.75;
  return {
    isAlarming: (text) => alarm.test(normaliseForGuard(text)),
    judge(sentence) {
      const instruction = findInstructionRule(sentence);
      if (instruction !== undefined)
        return {
          kind: 'instruction',
          ruleId: `instruction-${instruction}`,
          category: 'evasion',
          reason: `A sentence of the answer repeats an instruction to the model ("${instruction}").`,
        };
      const reading = engine.read(sentence);
      if (method.test(reading.text) && !caring.test(reading.text))
        return {
          kind: 'harm',
          ruleId: 'method-details',
          category: 'self-harm',
          reason: 'The answer described a way for a person to harm themselves.',
        };
      const rule = reading.matched.find((match) => graveRules.has(match.rule.id))?.rule;
      if (rule === undefined || engine.classify(reading).harmful < certainty) return undefined;
      return {
        kind: 'harm',
        ruleId: rule.id,
        category: rule.category,
        reason: `The answer came to harmful content (rule "${rule.id}").`,
      };
    },
  };
}
