import type { NamespacesTable, Role } from '../../database/tables.ts';
import { notFound } from '../../errors.ts';
import type { Caller } from '../../http/authenticate.ts';
import type { Persona } from '../../pipeline/persona.ts';
import type { DocumentRecord, DocumentStore } from './document-store.ts';
import { readableNamespaces } from './knowledge-access.ts';
import type { NamespaceRecord, NamespaceStore } from './namespace-store.ts';

/** What a caller may see of the knowledge; every route and every turn goes through here. */
export function createKnowledge(dependencies: {
  namespaces: NamespaceStore;
  documents: DocumentStore;
  personas: readonly Persona[];
}) {
  const { namespaces, documents, personas } = dependencies;
  const guestPersonaIds = new Set(
    personas.filter((persona) => persona.open_to_guests).map((persona) => persona.id),
  );

  const readable = async (role: Role): Promise<NamespacesTable[]> =>
    readableNamespaces({ role, namespaces: await namespaces.list(), guestPersonaIds });

  return {
    readable,
    /** The same with how much each holds; for showing, because counting takes its time in a large library. */
    readableWithCounts: async (role: Role): Promise<NamespaceRecord[]> =>
      readableNamespaces({ role, namespaces: await namespaces.listWithCounts(), guestPersonaIds }),
    /** Names of a persona's namespaces that a role may read: the wall around each turn. */
    async namespacesOf(persona: Persona, role: Role): Promise<string[]> {
      const own = new Set(persona.namespaces);
      return (await readable(role))
        .filter(
          (record) => record.personaId === persona.id || (record.personaId === null && own.has(record.name)),
        )
        .map((record) => record.name);
    },
    /**
     * A document that the caller may read.
     * @throws AppError `not_found`, the same for an absent and a walled one
     */
    async document(id: number, caller: Caller): Promise<DocumentRecord> {
      const record = await documents.find(id);
      const allowed =
        record && (await readable(caller.role)).some((namespace) => namespace.name === record.namespace);
      const isShown =
        record && (record.status === 'indexed' || caller.role === 'curator' || caller.role === 'admin');
      if (!record || !allowed || !isShown) throw notFound('document', id);
      return record;
    },
    /** Titles of the searchable documents of some namespaces, for "list your documents". */
    async listTitles(names: readonly string[]): Promise<string[]> {
      const { documents: found } = await documents.list({
        namespaces: names,
        status: 'indexed',
        skip: 0,
        limit: 1_000,
      });
      return found.map((record) => record.title).sort((a, b) => a.localeCompare(b));
    },
  };
}

export type Knowledge = ReturnType<typeof createKnowledge>;

/** Makes the namespaces that the packs name, where they do not exist yet. */
export async function ensureNamespaces(
  namespaces: NamespaceStore,
  personas: readonly Persona[],
): Promise<void> {
  for (const persona of personas) {
    for (const name of persona.namespaces) {
      const specialist = persona.specialists.find((candidate) => candidate.namespaces.includes(name));
      await namespaces.insert({
        name,
        title: specialist?.title ?? name,
        description: specialist?.description ?? '',
        personaId: persona.id,
        visibility: 'public',
      });
    }
  }
}
