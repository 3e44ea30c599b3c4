import { isInstruction } from '../../guard/neutralise-instructions.ts';

export const LONGEST_FACT = 300;

/**
 * Why a text cannot be kept as a fact about a person, as a sentence for them; undefined when it can. Facts go into
 * prompts, so what speaks to the model is none.
 */
export function faultOfFact(fact: string): string | undefined {
  if (!/\p{L}/u.test(fact)) return 'I can only remember something that is said in words.';
  if (fact.length > LONGEST_FACT) return `I can remember up to ${LONGEST_FACT} characters at once.`;
  if (/^you(?:r|['’]re)?\b/iu.test(fact) || isInstruction(fact))
    return 'I can remember facts about you, and not how I should be.';
  return undefined;
}
