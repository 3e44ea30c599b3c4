import type { Transaction } from 'kysely';

import type { Tables } from '../database/tables.ts';

/** A passage ready for the index. Ids are reserved before indexing, so that a segment can be built ahead of its rows. */
export type IndexablePassage = {
  id: number;
  documentId: number;
  namespace: string;
  title: string;
  headingPath: readonly string[];
  text: string;
  /** Present when an embedding model is active; its length is the generation's dimension. */
  vector?: Float32Array;
};

export type PassageQuery = {
  text: string;
  vector?: Float32Array;
  /** The wall: passages of other namespaces are never returned. */
  namespaces: readonly string[];
  /** Namespaces that the router favours; their passages gain, others can still win on strength. */
  boostedNamespaces?: readonly string[];
  limit: number;
};

export type PassageCandidate = {
  passageId: number;
  documentId: number;
  namespace: string;
  /** Fused score that the ranking follows, higher is better. */
  score: number;
  /** Raw BM25 (with bonuses) and cosine; undefined where that source did not find the passage. */
  lexicalScore?: number;
  vectorScore?: number;
  /** Share (0-1) of the question's idf mass that the passage's terms cover. */
  coverage: number;
};

export type PassageSearchResult = {
  candidates: PassageCandidate[];
  /** The analysed question: each term with its idf in the collection; `isKnown` is false where no passage has it. */
  terms: { term: string; idf: number; isKnown: boolean }[];
};

/** Passages analysed and packed off the main thread, not yet visible; `commit` stores them, `publish` shows them. */
export type StagedPassages = { passageIds: number[]; bytes: Uint8Array };

export type PassageChange = { staged?: StagedPassages; removedPassageIds: number[] };

export type PassageIndexStatistics = {
  passages: number;
  deleted: number;
  segments: number;
  terms: number;
  bytes: number;
};

/**
 * The port behind retrieval. A change is staged (expensive, no lock held), committed inside the caller's transaction
 * together with the rows that it belongs to, and published after the commit; a crash between the two loses nothing,
 * because `open` loads what is committed.
 */
export interface PassageIndex {
  open(): Promise<void>;
  search(query: PassageQuery): Promise<PassageSearchResult>;
  stage(passages: readonly IndexablePassage[]): Promise<StagedPassages>;
  commit(transaction: Transaction<Tables>, change: PassageChange): Promise<void>;
  publish(): Promise<void>;
  statistics(): Promise<PassageIndexStatistics>;
  close(): Promise<void>;
}
