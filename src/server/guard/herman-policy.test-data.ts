import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { type GuardPolicy, guardPolicySchema } from './guard-policy.ts';

/** Herman's own policy, as the tests of the guard use it. */
export function readHermanPolicy(): GuardPolicy {
  const file = new URL('../../../personas/herman/guard.yaml', import.meta.url);
  return guardPolicySchema.parse(parse(readFileSync(file, 'utf8')));
}
