import type { Locator } from '../../shared/locator.ts';

/** A piece of a document version as the splitter makes it. */
export type PassageDraft = { text: string; locator: Locator };

/** A passage with what a citation needs, as retrieval hands it to the answer. */
export type RetrievedPassage = {
  passageId: number;
  documentId: number;
  version: number;
  namespace: string;
  title: string;
  url: string | null;
  youtubeUrl: string | null;
  text: string;
  locator: Locator;
  /** Fused, lexical and vector score and question coverage of the passage; see `PassageCandidate`. */
  score: number;
  lexicalScore?: number;
  vectorScore?: number;
  coverage: number;
};
