import { z } from 'zod';

import {
  createMemorySchema,
  type Memory,
  type MemoryList,
  memoryListSchema,
  memorySchema,
  memorySettingsSchema,
  updateMemorySchema,
} from '../../../shared/memories.ts';
import { AppError, invalidField, notFound } from '../../errors.ts';
import { noContent, problemResponses } from '../../http/add-openapi.ts';
import { userIdOf } from '../../http/authenticate.ts';
import type { App } from '../../http/http-app.ts';
import { faultOfFact } from '../../pipeline/memory/fault-of-fact.ts';
import type { Persona } from '../../pipeline/persona.ts';
import { type MemoriesStore, type MemoryRecord, MOST_FACTS } from './memories-store.ts';

const tags = ['memories'];
const idParams = z.object({ id: z.coerce.number().int().min(1) });
const listQuery = z.object({ persona: z.string().max(100).optional() });

/** What personas remember of the caller: list, add, edit, erase, and whether they may. */
export function registerMemories(
  app: App,
  dependencies: { memories: MemoriesStore; personaOf: (id: string) => Persona },
): void {
  const { memories, personaOf } = dependencies;

  const listFor = async (userId: number, personaId?: string): Promise<MemoryList> => ({
    memories: (await memories.list({ userId, ...(personaId === undefined ? {} : { personaId }) })).map(
      present,
    ),
    enabled: await memories.listEnabled(userId),
  });

  app.get(
    '/api/v1/memories',
    {
      schema: {
        tags,
        summary: 'What personas remember of you',
        querystring: listQuery,
        response: { 200: memoryListSchema, ...problemResponses },
      },
    },
    async (request) => listFor(userIdOf(request.caller), request.query.persona),
  );
  app.post(
    '/api/v1/memories',
    {
      schema: {
        tags,
        summary: 'Let a persona remember something',
        body: createMemorySchema,
        response: { 200: memorySchema, 201: memorySchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const userId = userIdOf(request.caller);
      const { persona: personaId, text } = request.body;
      const persona = rememberingPersona(personaOf(personaId));
      assertFact(text);
      if (!(await memories.listEnabled(userId)).includes(persona.id))
        throw new AppError(
          'conflict',
          'Remembering is off for this persona; turn it on with PUT /api/v1/memories/settings.',
        );
      const result = await memories.insert({ userId, personaId: persona.id }, text);
      if (result === 'full')
        throw new AppError('conflict', `A persona remembers up to ${MOST_FACTS} things; erase one first.`);
      return reply.code(result.isNew ? 201 : 200).send(present(result.memory));
    },
  );
  app.put(
    '/api/v1/memories/settings',
    {
      schema: {
        tags,
        summary: 'Allow or forbid a persona to remember',
        description: 'Forbidding keeps what is remembered, unused, until it is deleted.',
        body: memorySettingsSchema,
        response: { 200: memoryListSchema, ...problemResponses },
      },
    },
    async (request) => {
      const userId = userIdOf(request.caller);
      const { persona: personaId, enabled } = request.body;
      const persona = enabled ? rememberingPersona(personaOf(personaId)) : personaOf(personaId);
      await memories.setEnabled({ userId, personaId: persona.id }, enabled);
      return listFor(userId);
    },
  );
  app.patch(
    '/api/v1/memories/:id',
    {
      schema: {
        tags,
        summary: 'Correct what a persona remembers',
        params: idParams,
        body: updateMemorySchema,
        response: { 200: memorySchema, ...problemResponses },
      },
    },
    async (request) => {
      assertFact(request.body.text);
      const { id } = request.params;
      const memory = await memories.update(id, userIdOf(request.caller), request.body.text);
      if (!memory) throw notFound('memory', id);
      return present(memory);
    },
  );
  app.delete(
    '/api/v1/memories/:id',
    {
      schema: {
        tags,
        summary: 'Make a persona forget something',
        params: idParams,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if ((await memories.remove([id], userIdOf(request.caller))) === 0) throw notFound('memory', id);
      return reply.code(204).send(null);
    },
  );
}

function rememberingPersona(persona: Persona): Persona {
  if (persona.audience === 'children')
    throw invalidField(
      'persona',
      `${persona.name} is for children and keeps nothing about anyone; name another.`,
    );
  return persona;
}

function assertFact(text: string): void {
  const fault = faultOfFact(text);
  if (fault !== undefined) throw invalidField('text', fault);
}

function present(memory: MemoryRecord): Memory {
  return {
    id: memory.id,
    persona: memory.personaId,
    text: memory.text,
    created_at: memory.createdAt,
    updated_at: memory.updatedAt,
  };
}
