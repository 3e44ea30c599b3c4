import type { RetrievedPassage } from '../src/server/retrieval/passage.ts';
import { listTerms } from '../src/server/retrieval/analyse-text.ts';
import { type Evidence, readEvidence } from '../src/server/pipeline/evidence/read-evidence.ts';

/** A retrieved passage of its own document; `text` decides its locator. */
export function buildPassage(overrides: Partial<RetrievedPassage> & { text: string }): RetrievedPassage {
  const passageId = overrides.passageId ?? 1;
  return {
    passageId,
    documentId: passageId,
    version: 1,
    namespace: 'meditation',
    title: `Document ${passageId}`,
    url: null,
    youtubeUrl: null,
    locator: { start: 0, end: overrides.text.length },
    score: 10 - passageId,
    coverage: 1,
    ...overrides,
  };
}

/** Reads texts, best first, as the evidence for a question; each word counts the same and is known where it occurs. */
export function buildEvidence(question: string, texts: readonly (string | RetrievedPassage)[]): Evidence {
  const passages = texts.map((text, index) =>
    typeof text === 'string' ? buildPassage({ text, passageId: index + 1 }) : text,
  );
  const known = new Set(passages.flatMap((passage) => listTerms(passage.text)));
  const terms = [...new Set(listTerms(question))].map((term) => ({ term, idf: 3, isKnown: known.has(term) }));
  return readEvidence({ question, terms, passages });
}
