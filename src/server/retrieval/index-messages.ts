import type { SegmentSummary } from './engine/index-engine.ts';
import type { StemmerLanguage } from './load-stemmer.ts';
import type {
  IndexablePassage,
  PassageIndexStatistics,
  PassageQuery,
  PassageSearchResult,
} from './passage-index.ts';

/** What a worker needs to know before its first request. */
export type IndexWorkerSettings = { language: StemmerLanguage; dimension: number };

/** Each request of the main thread to the index worker with its answer. */
export type IndexOperations = {
  /** Makes segments visible and others not, and marks passages deleted, between two searches. */
  apply: {
    request: {
      loaded: { id: number; bytes: Uint8Array }[];
      droppedIds: number[];
      deletedPassageIds: number[];
    };
    answer: undefined;
  };
  search: { request: PassageQuery; answer: PassageSearchResult };
  /** Adds a slice of passages to a segment being built; the last slice is answered with its bytes. */
  stage: {
    request: { stagingId: number; passages: readonly IndexablePassage[]; isLast: boolean };
    answer: Uint8Array | undefined;
  };
  unstage: { request: { stagingId: number }; answer: undefined };
  /** Builds one segment of the live passages of several; tells which passages it left out. */
  merge: {
    request: { segmentIds: number[] };
    answer: { bytes: Uint8Array; passageCount: number; omittedPassageIds: number[] };
  };
  listSegments: { request: undefined; answer: SegmentSummary[] };
  statistics: { request: undefined; answer: PassageIndexStatistics };
};

export type IndexOperation = keyof IndexOperations;

export type IndexRequest = {
  [Name in IndexOperation]: { id: number; operation: Name; request: IndexOperations[Name]['request'] };
}[IndexOperation];

export type IndexReply =
  | { id: number; ok: true; answer: IndexOperations[IndexOperation]['answer'] }
  | { id: number; ok: false; message: string };
