import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { PassageIndex } from '../retrieval/passage-index.ts';
import type { Persona } from './persona.ts';
import { type ReadPassages, retrieve, type Retrieval } from './retrieve.ts';
import type { RouteDecision, Router } from './routing/create-router.ts';

export type FindEvidenceOptions = {
  persona: Persona;
  router: Router;
  /** The question, standing on its own. */
  question: string;
  /** Namespaces that may be read at all: the wall. */
  namespaces: readonly string[];
  /** The one namespace that the question was limited to by the one who asked. */
  requestedNamespace?: string | undefined;
  index: Pick<PassageIndex, 'search'>;
  readPassages: ReadPassages;
  embeddingModel: EmbeddingModel | undefined;
  signal: AbortSignal;
  onError: (error: unknown) => void;
};

/**
 * Retrieves with the route that the words alone give, then routes again with what was found: the passages show where
 * the knowledge of a question stands, whatever its words are.
 */
export async function findEvidence(
  options: FindEvidenceOptions,
): Promise<{ route: RouteDecision; retrieval: Retrieval }> {
  const { persona, router, question, namespaces, requestedNamespace } = options;
  const first = router.route(question);
  const retrieval = await retrieve({
    ...options,
    namespaces:
      requestedNamespace === undefined
        ? namespaces
        : namespaces.filter((name) => name === requestedNamespace),
    boostedNamespaces: first.namespaces,
  });
  const route = router.route(question, retrieval.passages);
  if (requestedNamespace === undefined) return { route, retrieval };
  const owner = persona.specialists.find((specialist) => specialist.namespaces.includes(requestedNamespace));
  return {
    retrieval,
    route: {
      ...route,
      specialistId: owner?.id ?? route.specialistId,
      namespaces: [requestedNamespace],
      confidence: 1,
      reason: `The question was limited to ${owner?.title ?? requestedNamespace}.`,
    },
  };
}
