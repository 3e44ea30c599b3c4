import { z } from 'zod';

import { type PersonaCard, personaCardSchema } from '../../../shared/personas.ts';
import { notFound } from '../../errors.ts';
import { problemResponses } from '../../http/add-openapi.ts';
import { hasRole } from '../../http/authenticate.ts';
import type { App } from '../../http/http-app.ts';
import type { PersonaRegistry } from './persona-registry.ts';
import { presentPersona } from './present-persona.ts';

/** Public cards of the personas; a persona that is not open to guests is shown to users only. */
export function registerPersonas(
  app: App,
  dependencies: { personas: PersonaRegistry; answers: PersonaCard['answers'] },
): void {
  const { personas, answers } = dependencies;
  app.get(
    '/api/v1/personas',
    {
      schema: {
        tags: ['personas'],
        summary: 'List personas',
        response: { 200: z.array(personaCardSchema), ...problemResponses },
      },
    },
    async (request) =>
      personas
        .list()
        .filter((persona) => persona.open_to_guests || hasRole(request.caller, 'user'))
        .map((persona) => presentPersona(persona, answers)),
  );
  app.get(
    '/api/v1/personas/:id',
    {
      schema: {
        tags: ['personas'],
        summary: 'Read a persona',
        params: z.object({ id: z.string().max(100) }),
        response: { 200: personaCardSchema, ...problemResponses },
      },
    },
    async (request) => {
      const persona = personas.get(request.params.id);
      if (!persona.open_to_guests && !hasRole(request.caller, 'user')) throw notFound('persona', persona.id);
      return presentPersona(persona, answers);
    },
  );
}
