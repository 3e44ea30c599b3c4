import type { Document, Job, Namespace, Passage } from '../../../shared/documents.ts';
import type { JobRecord } from '../../jobs/job-queue.ts';
import type { DocumentRecord } from './document-store.ts';
import type { NamespaceRecord } from './namespace-store.ts';

/** A document as the API shows it; `content` only where one document was asked for. */
export function presentDocument(
  record: DocumentRecord,
  options: { embeddingModel: string | null; withContent?: boolean; isDuplicate?: boolean },
): Document {
  const { shown } = record;
  return {
    id: record.id,
    namespace: record.namespace,
    title: record.title,
    content: options.withContent ? (shown?.text ?? null) : null,
    file_name: record.fileName,
    format: shown?.format ?? null,
    page_count: shown?.pageCount ?? null,
    source_url: record.sourceUrl,
    youtube_url: record.youtubeUrl,
    vector_id: null,
    embedding_model: options.embeddingModel,
    author: record.author,
    published_date: record.publishedDate,
    tags: JSON.parse(record.tags) as string[],
    metadata_json: JSON.parse(record.metadata) as Record<string, unknown>,
    uploaded_by: record.uploadedBy,
    is_sample: record.isSample === 1,
    status: record.status,
    error: record.error,
    error_code: record.errorCode,
    warnings: JSON.parse(shown?.warnings ?? '[]') as string[],
    version: shown?.version ?? 1,
    passage_count: shown?.passageCount ?? 0,
    job_id: record.jobId,
    ...(options.isDuplicate ? { duplicate: true } : {}),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    retrieval_count: record.retrievalCount,
    avg_relevance_score: record.retrievalCount > 0 ? record.relevanceSum / record.retrievalCount : null,
  };
}

export function presentNamespace(record: NamespaceRecord): Namespace {
  return {
    name: record.name,
    title: record.title,
    description: record.description,
    persona: record.personaId,
    document_count: record.documentCount,
    passage_count: record.passageCount,
    visibility: record.visibility,
  };
}

export function presentPassage(row: {
  id: number;
  documentId: number;
  version: number;
  position: number;
  text: string;
  locator: string;
}): Passage {
  return {
    id: row.id,
    document_id: row.documentId,
    version: row.version,
    position: row.position,
    text: row.text,
    locator: JSON.parse(row.locator) as Passage['locator'],
  };
}

export function presentJob(job: JobRecord): Job {
  return {
    id: job.id,
    kind: job.kind,
    status: job.status,
    document_id: job.documentId,
    progress: job.progress,
    attempts: job.attempts,
    error: job.error,
    error_code: job.errorCode,
    created_at: job.createdAt,
    updated_at: job.updatedAt,
    ended_at: job.endedAt,
  };
}
