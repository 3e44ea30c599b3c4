import type { NamespacesTable, Role } from '../../database/tables.ts';

/**
 * The wall: which namespaces a role may read. Guests read public namespaces of personas that are open to guests,
 * users also those for users, curators and admins all.
 */
export function readableNamespaces<Namespace extends NamespacesTable>(options: {
  role: Role;
  namespaces: readonly Namespace[];
  /** Ids of personas whose sources guests may read. */
  guestPersonaIds: ReadonlySet<string>;
}): Namespace[] {
  const { role, namespaces, guestPersonaIds } = options;
  if (role === 'curator' || role === 'admin') return [...namespaces];
  const isOpen = (record: Namespace) =>
    record.visibility === 'public' && (record.personaId === null || guestPersonaIds.has(record.personaId));
  if (role === 'guest') return namespaces.filter(isOpen);
  return namespaces.filter((record) => record.visibility !== 'curators');
}
