import { contextMasks } from './data/context-masks.ts';
import { crisisRules } from './data/crisis-rules.ts';
import { disclaimerRules } from './data/disclaimer-rules.ts';
import { harmRules } from './data/harm-rules.ts';
import { patternParts } from './data/pattern-parts.ts';
import { type CompiledRule, compilePatterns, compileRules } from './match-rules.ts';
import { normaliseForGuard } from './normalise-for-guard.ts';

/** Number of hashed features; a power of two. */
export const featureCount = 16_384;
const harmlessToken = 'xsafe';

export type GuardReading = {
  /** Normalised text with harmless idioms hidden. */
  text: string;
  /** Built-in rules that match, cues included. */
  matched: CompiledRule[];
  /** Rules whose words are there, in a context that makes them harmless. */
  excused: CompiledRule[];
};

export type ReadForGuard = (text: string) => GuardReading;

/** Compiles the built-in rules and idioms; the result normalises a text, hides idioms and finds the matching rules. */
export function createGuardReader(): ReadForGuard {
  const rules = compileRules([...crisisRules, ...harmRules, ...disclaimerRules], patternParts);
  const masks = new RegExp(compilePatterns('idioms', contextMasks, patternParts).source, 'gu');
  return (text) => {
    const masked = normaliseForGuard(text).replace(masks, harmlessToken);
    const judged = rules.map((rule) => ({ rule, verdict: rule.judge(masked) }));
    const having = (verdict: 'match' | 'excused'): CompiledRule[] =>
      judged.filter((each) => each.verdict === verdict).map((each) => each.rule);
    return { text: masked, matched: having('match'), excused: having('excused') };
  };
}

/**
 * Sparse features of a reading as index -> weight, L2-normalised: hashed (FNV-1a) words, word pairs and character
 * 3- to 5-grams inside words, and one feature for each built-in rule that matched.
 */
export function extractGuardFeatures(reading: GuardReading): Map<number, number> {
  const features = new Map<number, number>();
  const add = (name: string, weight: number): void => {
    const index = hashFeature(name);
    features.set(index, (features.get(index) ?? 0) + weight);
  };
  const words = reading.text.split(' ').filter((word) => word !== '.' && word !== ',');
  for (const [position, word] of words.entries()) {
    add(`w ${word}`, 1);
    add(`p ${words[position - 1] ?? '^'} ${word}`, 1);
    if (word.length < 4) continue;
    const padded = `_${word}_`;
    for (let size = 3; size <= 5; size += 1) {
      for (let start = 0; start + size <= padded.length; start += 1)
        add(`c ${padded.slice(start, start + size)}`, 0.35);
    }
  }
  // Words alone must not outweigh what the rules have understood of the context, nor the other way round.
  for (const { rule } of reading.matched) add(`r ${rule.id}`, 2);
  for (const { rule } of reading.matched) add(`k ${rule.action} ${rule.isCue === true ? 'cue' : ''}`, 2);
  for (const { rule } of reading.excused) add(`x ${rule.action}`, 2);
  let squares = 0;
  for (const weight of features.values()) squares += weight * weight;
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (const [index, weight] of features) features.set(index, weight * scale);
  return features;
}

/** FNV-1a over UTF-16 code units, with a final mix so that the low bits are usable. */
function hashFeature(name: string): number {
  let hash = 0x811c9dc5;
  for (let position = 0; position < name.length; position += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(position), 0x01000193);
  }
  hash ^= hash >>> 15;
  return (hash >>> 0) & (featureCount - 1);
}
