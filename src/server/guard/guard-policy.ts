import { z } from 'zod';

import { guardActionSchema } from '../../shared/messages.ts';
import { compilePatterns, phraseToPattern } from './match-rules.ts';
import { patternParts } from './data/pattern-parts.ts';

const variantsSchema = z.array(z.string().trim().min(1)).min(1);

/** Topics that get a note under the answer. */
export const disclaimerTopicSchema = z.enum(['medical', 'financial', 'legal', 'exercise']);
export type DisclaimerTopic = z.infer<typeof disclaimerTopicSchema>;

/** One rule that a persona adds; phrases are literal, patterns are regular expressions over normalised text. */
export const policyRuleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/u, 'Use small letters, digits and hyphens.'),
    action: guardActionSchema,
    category: z.string().min(1),
    topic: disclaimerTopicSchema.optional(),
    phrases: z.array(z.string().trim().min(2)).default([]),
    patterns: z.array(z.string().min(2)).default([]),
    unless: z.array(z.string().min(2)).default([]),
  })
  .superRefine((rule, context) => {
    if (rule.phrases.length + rule.patterns.length === 0)
      context.addIssue({ code: 'custom', message: 'Add at least one phrase or pattern.', path: ['phrases'] });
    if (rule.action === 'disclaim' && rule.topic === undefined)
      context.addIssue({ code: 'custom', message: 'A disclaim rule needs a topic.', path: ['topic'] });
    for (const [name, patterns] of [
      ['patterns', rule.patterns],
      ['unless', rule.unless],
    ] as const) {
      try {
        compilePatterns(rule.id, patterns, patternParts);
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: error instanceof Error ? error.message : 'Bad pattern.',
          path: [name],
        });
      }
    }
  });
export type PolicyRule = z.infer<typeof policyRuleSchema>;

/**
 * A persona's `guard.yaml`: its audience and region, its own words for notes, help and refusals (several variants each,
 * by category, `default` for the rest), the lesson words that are no threat in its world, and rules of its own.
 */
export const guardPolicySchema = z.strictObject({
  audience: z.enum(['adults', 'children']).default('adults'),
  /** ISO 3166 country code, or `international`. */
  region: z.string().min(2).default('international'),
  /** What can be asked instead, as ends of the sentence "you can ask me about ...". */
  topics: z.array(z.string().trim().min(1)).min(1),
  disclaimers: z.strictObject({
    medical: variantsSchema,
    financial: variantsSchema,
    legal: variantsSchema,
    exercise: variantsSchema,
  }),
  support: z.object({ default: variantsSchema }).catchall(variantsSchema),
  refusals: z.object({ default: variantsSchema }).catchall(variantsSchema),
  lessons: z.array(z.string().trim().min(2)).default([]),
  rules: z.array(policyRuleSchema).default([]),
});
export type GuardPolicy = z.infer<typeof guardPolicySchema>;

/** The pattern source of everything a policy rule looks for. */
export function policyRulePatterns(rule: PolicyRule): string[] {
  return [...rule.phrases.map((phrase) => phraseToPattern(phrase)), ...rule.patterns];
}
