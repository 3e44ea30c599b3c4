import { splitSentences } from '../retrieval/split-sentences.ts';
import { instructionPatterns, instructionRawPatterns } from './data/instruction-patterns.ts';
import { compilePatterns } from './match-rules.ts';
import { normaliseForGuard } from './normalise-for-guard.ts';

/** A stretch of a passage (UTF-16 code units, end exclusive) that speaks to the model instead of the reader. */
export type InstructionRange = { start: number; end: number; ruleId: string };

const compiled = instructionPatterns.map((rule) => ({
  id: rule.id,
  matches: compilePatterns(rule.id, rule.patterns, {}),
  unless: rule.unless === undefined ? undefined : compilePatterns(rule.id, rule.unless, {}),
}));

/** The sentences of a library are asked about at every question; their verdicts never change. */
const verdicts = new Map<string, boolean>();
const rememberedVerdicts = 20_000;

/**
 * Names the rule by which a sentence tries to steer the model (override its rules, give it a role, shape its reply,
 * plant code or links in it, make it send data), or undefined for ordinary text. Imperatives that a reader can follow,
 * such as recipes and exercises, are ordinary text.
 */
export function findInstructionRule(sentence: string): string | undefined {
  const raw = instructionRawPatterns.find((rule) => rule.pattern.test(sentence));
  if (raw !== undefined) return raw.id;
  const text = normaliseForGuard(sentence);
  return compiled.find((rule) => rule.matches.test(text) && !(rule.unless?.test(text) ?? false))?.id;
}

/** Whether a sentence must not be quoted because it speaks to the model. */
export function isInstruction(sentence: string): boolean {
  const known = verdicts.get(sentence);
  if (known !== undefined) return known;
  const verdict = findInstructionRule(sentence) !== undefined;
  if (verdicts.size >= rememberedVerdicts) verdicts.delete(verdicts.keys().next().value ?? '');
  verdicts.set(sentence, verdict);
  return verdict;
}

/** All instruction-like sentences of a passage in order. A fenced code block belongs to the sentence before it. */
export function findInstructions(text: string): InstructionRange[] {
  const ranges: InstructionRange[] = [];
  for (const { start, end } of splitSentences(text)) {
    const last = ranges.at(-1);
    if (last !== undefined && start < last.end) continue;
    const ruleId = findInstructionRule(text.slice(start, end));
    if (ruleId === undefined) continue;
    ranges.push({ start, end: endOfFence(text, { start, end }), ruleId });
  }
  return ranges;
}

/** The end of the code block that begins in a sentence or right after it; blank lines of code look like its end. */
function endOfFence(text: string, { start, end }: { start: number; end: number }): number {
  const isInside = text.slice(start, end).split('```').length % 2 === 0;
  const rest = (isInside ? /^[\s\S]*?(?:```|$)/u : /^[\s:]*```[\s\S]*?(?:```|$)/u).exec(text.slice(end));
  return rest === null ? end : end + rest[0].length;
}

/**
 * The passage as it may go into a prompt: instruction-like sentences become a short notice, all else stays as it was.
 * The original passage is never changed.
 */
export function neutraliseInstructions(text: string): { text: string; removed: InstructionRange[] } {
  const removed = findInstructions(text);
  let result = '';
  let position = 0;
  for (const range of removed) {
    result += `${text.slice(position, range.start)}[a sentence addressed to the assistant was left out]`;
    position = range.end;
  }
  return { text: result + text.slice(position), removed };
}
