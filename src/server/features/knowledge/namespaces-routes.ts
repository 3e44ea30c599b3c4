import { z } from 'zod';

import { createNamespaceSchema, namespaceSchema, updateNamespaceSchema } from '../../../shared/documents.ts';
import { AppError, invalidField, notFound } from '../../errors.ts';
import { noContent, problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import type { PersonaRegistry } from '../personas/persona-registry.ts';
import type { AddDocument } from './add-document.ts';
import type { DocumentStore } from './document-store.ts';
import type { Knowledge } from './knowledge.ts';
import type { NamespaceStore } from './namespace-store.ts';
import { presentNamespace } from './present-document.ts';

const tags = ['namespaces'];
const nameParams = z.object({ name: z.string().max(100) });

/** The shelves of the knowledge base. */
export function registerNamespaces(
  app: App,
  dependencies: {
    knowledge: Knowledge;
    namespaces: NamespaceStore;
    documents: DocumentStore;
    addDocument: AddDocument;
    personas: PersonaRegistry;
  },
): void {
  const { knowledge, namespaces, documents, addDocument, personas } = dependencies;
  const read = async (name: string) => {
    const record = await namespaces.find(name);
    if (!record) throw notFound('namespace', name);
    return record;
  };
  const isOwnedByPack = (name: string) =>
    personas.list().some((persona) => persona.namespaces.includes(name));

  app.get(
    '/api/v1/documents/namespaces',
    {
      schema: {
        tags,
        summary: 'Namespaces that you may read',
        response: { 200: z.array(namespaceSchema), ...problemResponses },
      },
    },
    async (request) => (await knowledge.readableWithCounts(request.caller.role)).map(presentNamespace),
  );
  app.post(
    '/api/v1/namespaces',
    {
      schema: {
        tags,
        summary: 'Create a namespace',
        body: createNamespaceSchema,
        response: { 201: namespaceSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { name, title, description = '', persona, visibility = 'public' } = request.body;
      const personaId = persona ? personas.get(persona).id : personas.default().id;
      if (!(await namespaces.insert({ name, title, description, personaId, visibility }))) {
        throw new AppError('conflict', `There is a namespace "${name}" already; choose another name.`);
      }
      return reply.code(201).send(presentNamespace(await read(name)));
    },
  );
  app.patch(
    '/api/v1/namespaces/:name',
    {
      schema: {
        tags,
        summary: 'Change a namespace',
        params: nameParams,
        body: updateNamespaceSchema,
        response: { 200: namespaceSchema, ...problemResponses },
      },
    },
    async (request) => {
      const record = await read(request.params.name);
      const { name, title, description, persona, visibility } = request.body;
      if (name !== undefined && name !== record.name)
        throw invalidField('name', 'the name is part of the index and stays; change the title instead.');
      await namespaces.update(record.name, {
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        ...(persona === undefined ? {} : { personaId: persona === null ? null : personas.get(persona).id }),
        ...(visibility === undefined ? {} : { visibility }),
      });
      return presentNamespace(await read(record.name));
    },
  );
  app.delete(
    '/api/v1/namespaces/:name',
    {
      schema: {
        tags,
        summary: 'Remove an empty namespace',
        params: nameParams,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      const record = await read(request.params.name);
      if (record.documentCount > 0)
        throw new AppError(
          'conflict',
          `"${record.name}" still holds ${record.documentCount} documents; delete them first.`,
        );
      if (isOwnedByPack(record.name))
        throw new AppError('conflict', `"${record.name}" belongs to a persona pack; remove it there.`);
      await namespaces.remove(record.name);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/namespaces/:name/reindex',
    {
      schema: {
        tags,
        summary: 'Index all documents of a namespace again',
        params: nameParams,
        response: { 202: z.object({ jobs: z.array(z.int()) }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const record = await read(request.params.name);
      const jobs: number[] = [];
      for (const id of await documents.listIds(record.name))
        jobs.push(await addDocument.reindex(id, request.caller.userId));
      return reply.code(202).send({ jobs });
    },
  );
}
