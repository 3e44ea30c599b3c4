import { describe, expect, it } from 'vitest';

import { guardPolicySchema } from './guard-policy.ts';
import { readHermanPolicy } from './herman-policy.test-data.ts';

const policy = readHermanPolicy();

function issuesOf(change: object): string[] {
  const result = guardPolicySchema.safeParse({ ...policy, ...change });
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('guardPolicySchema', () => {
  it('should refuse a rule without phrases and patterns', () => {
    expect(issuesOf({ rules: [{ id: 'empty', action: 'refuse', category: 'x' }] }).join()).toContain(
      'rules.0.phrases',
    );
  });
  it('should name a pattern that is no expression', () => {
    const rule = { id: 'broken', action: 'refuse', category: 'x', patterns: ['(open'] };
    expect(issuesOf({ rules: [rule] }).join()).toContain('Guard rule broken');
  });
  it('should want a topic for a note', () => {
    expect(
      issuesOf({ rules: [{ id: 'note', action: 'disclaim', category: 'x', phrases: ['abc'] }] }).join(),
    ).toContain('topic');
  });
  it('should not know unknown settings', () => {
    expect(issuesOf({ lesson: ['strike'] })).toHaveLength(1);
  });
});
