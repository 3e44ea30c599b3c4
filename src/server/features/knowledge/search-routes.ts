import { z } from 'zod';

import { searchResultSchema, searchSchema } from '../../../shared/documents.ts';
import { invalidField } from '../../errors.ts';
import { problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import type { Retrieval } from '../../pipeline/retrieve.ts';
import type { DocumentStore } from './document-store.ts';
import type { Knowledge } from './knowledge.ts';
import { presentDocument } from './present-document.ts';

const SNIPPET_LENGTH = 300;

/** Search in the passages, as an answer would. */
export function registerSearch(
  app: App,
  dependencies: {
    knowledge: Knowledge;
    documents: DocumentStore;
    search: (options: { question: string; namespaces: readonly string[] }) => Promise<Retrieval>;
    embeddingModelId: () => string | null;
  },
): void {
  const { knowledge, documents, search, embeddingModelId } = dependencies;
  app.post(
    '/api/v1/documents/search',
    {
      schema: {
        tags: ['documents'],
        summary: 'Search passages',
        body: searchSchema,
        response: { 200: z.array(searchResultSchema), ...problemResponses },
      },
    },
    async (request) => {
      const { query, namespace, limit = 10, min_score: minimumScore = 0 } = request.body;
      const readable = (await knowledge.readable(request.caller.role)).map((record) => record.name);
      if (namespace && !readable.includes(namespace))
        throw invalidField(
          'namespace',
          `there is no namespace "${namespace}"; use one of ${readable.join(', ')}.`,
        );
      const { candidates } = await search({
        question: query,
        namespaces: namespace ? [namespace] : readable,
      });
      const best = candidates.reduce((most, passage) => Math.max(most, passage.score), 0) || 1;
      const scored = candidates.map((passage) => ({
        passage,
        score: Math.max(0, passage.score / best) * passage.coverage,
      }));
      const kept = scored.filter(({ score }) => score >= minimumScore).slice(0, limit);
      const records = new Map(
        (await documents.findMany([...new Set(kept.map(({ passage }) => passage.documentId))])).map(
          (record) => [record.id, record],
        ),
      );
      return kept.flatMap(({ passage, score }) => {
        const record = records.get(passage.documentId);
        if (!record) return [];
        const text =
          passage.text.length <= SNIPPET_LENGTH ? passage.text : `${passage.text.slice(0, SNIPPET_LENGTH)}…`;
        return [
          {
            document: presentDocument(record, { embeddingModel: embeddingModelId() }),
            passage: {
              id: passage.passageId,
              document_id: passage.documentId,
              version: passage.version,
              position: 0,
              text: passage.text,
              locator: passage.locator,
            },
            score: Math.round(score * 10_000) / 10_000,
            snippet: text,
          },
        ];
      });
    },
  );
}
