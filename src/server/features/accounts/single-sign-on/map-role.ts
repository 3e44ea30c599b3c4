import type { Role } from '../../../database/tables.ts';

export type RoleRules = {
  /** Name of the claim that lists groups or roles, with dots for depth, as `realm_access.roles`. */
  claim: string | undefined;
  adminValues: readonly string[];
  curatorValues: readonly string[];
};

/** The role that a provider gives a user, or undefined when no claim was named and roles are kept here. */
export function mapRole(
  claims: Readonly<Record<string, unknown>>,
  rules: RoleRules,
): Exclude<Role, 'guest'> | undefined {
  if (rules.claim === undefined) return undefined;
  const values = readValues(claims, rules.claim);
  if (rules.adminValues.some((value) => values.includes(value))) return 'admin';
  if (rules.curatorValues.some((value) => values.includes(value))) return 'curator';
  return 'user';
}

/** A claim named by an address, as `https://example.org/roles`, is found before its dots are read as depth. */
function readValues(claims: Readonly<Record<string, unknown>>, name: string): unknown[] {
  let found: unknown = claims;
  if (Object.hasOwn(claims, name)) found = claims[name];
  else {
    for (const part of name.split('.')) {
      const isObject = typeof found === 'object' && found !== null && Object.hasOwn(found, part);
      found = isObject ? (found as Record<string, unknown>)[part] : undefined;
    }
  }
  return Array.isArray(found) ? (found as unknown[]) : [found];
}
