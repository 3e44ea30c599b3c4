import type { Role } from '../../database/tables.ts';
import type { NamespaceRecord } from './namespace-store.ts';

/**
 * The wall: which namespaces a role may read. Guests read public namespaces of personas that are open to guests,
 * users also those for users, curators and admins all.
 */
export function readableNamespaces(options: {
  role: Role;
  namespaces: readonly NamespaceRecord[];
  /** Ids of personas whose sources guests may read. */
  guestPersonaIds: ReadonlySet<string>;
}): NamespaceRecord[] {
  const { role, namespaces, guestPersonaIds } = options;
  if (role === 'curator' || role === 'admin') return [...namespaces];
  const isOpen = (record: NamespaceRecord) =>
    record.visibility === 'public' && (record.personaId === null || guestPersonaIds.has(record.personaId));
  if (role === 'guest') return namespaces.filter(isOpen);
  return namespaces.filter((record) => record.visibility !== 'curators');
}
