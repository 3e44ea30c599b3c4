import type { GuardAction } from '../../shared/messages.ts';
import { childrenRules } from './data/children-rules.ts';
import { patternParts } from './data/pattern-parts.ts';
import type { ClassProbabilities } from './guard-classifier.ts';
import { createGuardEngine, type GuardEngine } from './guard-engine.ts';
import type { GuardReading } from './guard-features.ts';
import { type DisclaimerTopic, type GuardPolicy, policyRulePatterns } from './guard-policy.ts';
import { compilePatterns } from './match-rules.ts';
import { normaliseForGuard } from './normalise-for-guard.ts';

/** What the guard decided; `reason` is a sentence for curators, `score` how sure the guard is, from 0 to 1. */
export type GuardDecision = {
  action: GuardAction;
  policyId: string | null;
  category: string | null;
  topic?: DisclaimerTopic;
  reason: string;
  score: number;
};

export type QuestionGuard = { check: (text: string) => GuardDecision };

export type QuestionGuardOptions = {
  policy: GuardPolicy;
  /** Shared rules and weights; a guard without one makes its own. */
  engine?: GuardEngine;
};

const thresholds = {
  // A classifier that found no alarming word at all must be much surer of itself.
  // Words that the rules found and excused (fiction, negation, protection) need more than a slight suspicion.
  excused: 0.7,
  crisis: { withCue: 0.35, withoutCue: 0.88 },
  harmful: { withCue: 0.45, withoutCue: 0.92 },
  note: 0.5,
  noteWithTopicRule: 0.2,
};
const longTextCharacters = 300;
const maxTextCharacters = 12_000;
const severity: Record<GuardAction, number> = { allow: 0, disclaim: 1, refuse: 2, support: 3 };
const crisisCues: readonly string[] = ['despair-words', 'death-words', 'threat-from-others'];
const harmCues: readonly string[] = [
  'harm-verbs',
  'harm-things',
  'concealment',
  'aims-at-person',
  'guard-evasion',
];
const disclaimerTopics: readonly DisclaimerTopic[] = ['medical', 'financial', 'legal', 'exercise'];

/**
 * Builds the check of questions for one persona. Rules and weights are prepared at the first check and kept.
 * Order: danger to a person, the persona's own rules, harm, notes. A long text is also judged sentence by sentence, so
 * that harmless surroundings cannot hide one sentence.
 */
export function createQuestionGuard(options: QuestionGuardOptions): QuestionGuard {
  let judge: ((text: string) => GuardDecision) | undefined;
  return {
    check(text) {
      judge ??= createJudge(options);
      const bounded =
        text.length <= maxTextCharacters ? text : `${text.slice(0, 9000)}\n${text.slice(-3000)}`;
      const whole = judge(bounded);
      if (bounded.length <= longTextCharacters) return whole;
      const parts = bounded.split(/(?<=[.?!])\s+|\n+/u).filter((part) => part.trim().length > 3);
      return parts
        .slice(0, 200)
        .map(judge)
        .reduce((worst, next) => (severity[next.action] > severity[worst.action] ? next : worst), whole);
    },
  };
}

function createJudge(options: QuestionGuardOptions): (text: string) => GuardDecision {
  const { policy } = options;
  const engine = options.engine ?? createGuardEngine();
  const ownRules = compilePolicyRules(policy);
  const isLesson = createLessonTest(policy.lessons);
  return (text) => {
    const reading = engine.read(text);
    const probabilities = engine.classify(reading);
    const normalised = ownRules.length === 0 ? '' : normaliseForGuard(text);
    const own = ownRules.filter((rule) => rule.matches(normalised));
    const ownDecision = (action: GuardAction): GuardDecision | undefined => {
      const found = own.find((rule) => rule.decision.action === action);
      return found?.decision;
    };
    return (
      ownDecision('support') ??
      judgeCrisis(reading, probabilities) ??
      ownDecision('refuse') ??
      ownDecision('allow') ??
      judgeHarm({ reading, probabilities, isLesson }) ??
      ownDecision('disclaim') ??
      judgeNote(reading, probabilities) ?? {
        action: 'allow',
        policyId: null,
        category: null,
        reason: 'Nothing in the message needs care.',
        score: probabilities.safe,
      }
    );
  };
}

function judgeCrisis(reading: GuardReading, probabilities: ClassProbabilities): GuardDecision | undefined {
  const rules = reading.matched.map((match) => match.rule).filter((rule) => rule.isCue !== true);
  const crisis = rules.find((rule) => rule.action === 'support');
  const isPlannedHarm = /\bhow (?:do i|can i|to|could i) (?:beat|hit|hurt|choke|punish|drug|lock up)\b/u.test(
    reading.text,
  );
  if (
    isPlannedHarm &&
    /\bmy (?:wife|husband|girlfriend|boyfriend|kids?|child|children|son|daughter)\b/u.test(reading.text)
  )
    return undefined;
  // Asking for a text that pushes others to harm themselves is harm; only the first person makes it a call for help.
  const aimsAtOthers = rules.some((rule) => rule.id === 'self-harm-promotion' || rule.id === 'harassment');
  const isAboutOthers = rules.every(
    (rule) =>
      rule.action !== 'support' || ['someone-else-at-risk', 'suicide-word', 'self-harm'].includes(rule.id),
  );
  if (
    aimsAtOthers &&
    isAboutOthers &&
    !/\b(?:i am|i feel|i want to (?:die|kill myself))\b/u.test(reading.text)
  )
    return undefined;
  if (crisis !== undefined)
    return {
      action: 'support',
      policyId: crisis.id,
      category: crisis.category,
      reason: `The words fit the rule "${crisis.id}": a person may be in danger, so help comes first.`,
      score: Math.max(0.9, probabilities.crisis),
    };
  const harm = rules.find((rule) => rule.action === 'refuse');
  const threshold = thresholdFor(reading, 'support');
  if (probabilities.crisis < threshold || (harm !== undefined && probabilities.crisis < 0.9))
    return undefined;
  return {
    action: 'support',
    policyId: 'classifier-crisis',
    category: 'distress',
    reason: 'The classifier hears a person in distress, so help comes first.',
    score: probabilities.crisis,
  };
}

function hasCue(reading: GuardReading, cues: readonly string[]): boolean {
  return reading.matched.some(({ rule }) => cues.includes(rule.id));
}

function thresholdFor(reading: GuardReading, action: 'support' | 'refuse'): number {
  if (reading.excused.some(({ rule }) => rule.action === action)) return thresholds.excused;
  const [cues, limits] =
    action === 'support' ? [crisisCues, thresholds.crisis] : [harmCues, thresholds.harmful];
  return hasCue(reading, cues) ? limits.withCue : limits.withoutCue;
}

type HarmQuestion = {
  reading: GuardReading;
  probabilities: ClassProbabilities;
  isLesson: (text: string) => boolean;
};

function judgeHarm({ reading, probabilities, isLesson }: HarmQuestion): GuardDecision | undefined {
  const rules = reading.matched
    .map((match) => match.rule)
    .filter((rule) => rule.isCue !== true && rule.action === 'refuse');
  const rule = rules[0];
  const isAtMostRough = rules.every((each) => each.id === 'violence');
  if (isAtMostRough && isLesson(reading.text) && !hasCue(reading, ['concealment', 'harm-things']))
    return undefined;
  if (rule !== undefined)
    return {
      action: 'refuse',
      policyId: rule.id,
      category: rule.category,
      reason: `The words fit the rule "${rule.id}": the message asks for help with something harmful.`,
      score: Math.max(0.9, probabilities.harmful),
    };
  const threshold = thresholdFor(reading, 'refuse');
  if (probabilities.harmful < threshold) return undefined;
  return {
    action: 'refuse',
    policyId: 'classifier-harmful',
    category: 'harm',
    reason: 'The classifier takes the message for a request that would hurt someone.',
    score: probabilities.harmful,
  };
}

function judgeNote(reading: GuardReading, probabilities: ClassProbabilities): GuardDecision | undefined {
  const topicRules = reading.matched.map((match) => match.rule).filter((rule) => rule.action === 'disclaim');
  const total = disclaimerTopics.reduce((sum, topic) => sum + probabilities[topic], 0);
  if (total < (topicRules.length > 0 ? thresholds.noteWithTopicRule : thresholds.note)) return undefined;
  const topic = disclaimerTopics.reduce((best, next) =>
    probabilities[next] > probabilities[best] ? next : best,
  );
  return {
    action: 'disclaim',
    policyId: `note-${topic}`,
    category: topic,
    topic,
    reason: `The message asks about a ${topic} matter, so the answer carries a note.`,
    score: total,
  };
}

type OwnRule = { matches: (text: string) => boolean; decision: GuardDecision };

function compilePolicyRules(policy: GuardPolicy): OwnRule[] {
  const rules = policy.audience === 'children' ? [...childrenRules, ...policy.rules] : policy.rules;
  return rules.map((rule) => {
    const positive = compilePatterns(rule.id, policyRulePatterns(rule), patternParts);
    const negative =
      rule.unless.length === 0 ? undefined : compilePatterns(rule.id, rule.unless, patternParts);
    return {
      matches: (text) => positive.test(text) && !(negative?.test(text) ?? false),
      decision: {
        action: rule.action,
        policyId: rule.id,
        category: rule.category,
        ...(rule.topic === undefined ? {} : { topic: rule.topic }),
        reason: `The persona's own rule "${rule.id}" fits the message.`,
        score: 1,
      },
    };
  });
}

const seriousAim = /\b(?:without getting caught|hurt|cripple|kill (?:him|her|someone|my))\b/u;

/** A text is a lesson when it uses a lesson word and aims at no real person outside the training hall. */
function createLessonTest(lessons: readonly string[]): (text: string) => boolean {
  if (lessons.length === 0) return () => false;
  const words = compilePatterns(
    'lessons',
    lessons.map((word) => `${word}\\w*`),
    patternParts,
  );
  const target = compilePatterns(
    'lesson targets',
    [
      '(?:my|the|your|his|her|a|an|this|that) (?:\\w+ )?(?:<partner>|<relative>|<victim>|man|guy|woman|dealer)(?<!(?:training|sparring|practice|drill) partner)(?<!opponent)',
      'someone|somebody|people|a person|crowd|him|her|them|police|school|myself|anyone',
    ],
    patternParts,
  );
  const hall = compilePatterns(
    'training hall',
    [
      'sparring|spar|dojo|training partner|opponent|class|mats|pads|tournament|kata|forms?|drill|tap|safely|defen[cs]e|judo|karate|aikido|bjj|wrestling|kung fu (?:class|lesson)',
    ],
    patternParts,
  );
  return (text) => words.test(text) && (!target.test(text) || (hall.test(text) && !seriousAim.test(text)));
}
