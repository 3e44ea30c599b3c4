import { z } from 'zod';

import { documentVersionSchema } from '../../../shared/generations.ts';
import { problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import { documentIdParams } from './documents-routes.ts';
import type { Knowledge } from './knowledge.ts';
import type { VersionReader } from './read-version.ts';

/** Older and present versions of a document, for the viewer of citations. */
export function registerVersions(
  app: App,
  dependencies: { knowledge: Knowledge; versions: VersionReader },
): void {
  const { knowledge, versions } = dependencies;
  app.get(
    '/api/v1/documents/:id/versions/:number',
    {
      schema: {
        tags: ['documents'],
        summary: 'The text of one version of a document, and where its pages stand in it',
        params: documentIdParams.extend({ number: z.coerce.number().int().min(1) }),
        response: { 200: documentVersionSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { id } = await knowledge.document(request.params.id, request.caller);
      return versions.read(id, request.params.number);
    },
  );
}
