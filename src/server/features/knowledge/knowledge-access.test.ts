import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Role } from '../../database/tables.ts';
import { readableNamespaces } from './knowledge-access.ts';
import type { NamespaceRecord } from './namespace-store.ts';

const guestPersonaIds = new Set(['open']);
const record = (values: Partial<NamespaceRecord>): NamespaceRecord => ({
  name: 'shelf',
  title: 'Shelf',
  description: '',
  personaId: 'open',
  visibility: 'public',
  createdAt: '',
  documentCount: 0,
  passageCount: 0,
  ...values,
});
const canRead = (role: Role, values: Partial<NamespaceRecord>) =>
  readableNamespaces({ role, namespaces: [record(values)], guestPersonaIds }).length === 1;

describe('readableNamespaces', () => {
  it.each([
    ['guest', 'public', 'open', true],
    ['guest', 'public', null, true],
    ['guest', 'public', 'closed', false],
    ['guest', 'users', 'open', false],
    ['guest', 'curators', 'open', false],
    ['user', 'public', 'closed', true],
    ['user', 'users', 'closed', true],
    ['user', 'curators', 'open', false],
    ['curator', 'curators', 'closed', true],
    ['admin', 'curators', 'closed', true],
  ] as const)(
    'should decide for a %s, %s, of the persona %s: %s',
    (...[role, visibility, personaId, expected]) => {
      expect(canRead(role, { visibility, personaId })).toBe(expected);
    },
  );

  it('should never show a lesser role more', () => {
    const records = fc.record({
      visibility: fc.constantFrom('public', 'users', 'curators'),
      personaId: fc.constantFrom(null, 'open', 'closed'),
    });
    const roles: Role[] = ['guest', 'user', 'curator', 'admin'];
    fc.assert(
      fc.property(records, (values) => {
        const readable = roles.map((role) => canRead(role, values));
        expect(readable).toEqual(readable.toSorted((left, right) => Number(left) - Number(right)));
      }),
    );
  });
});
