import { basename } from 'node:path';

import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { documentSchema, uploadFieldsSchema } from '../../../shared/documents.ts';
import { AppError, invalidField, notFound } from '../../errors.ts';
import type { BlobStore } from '../../ingestion/blob-store.ts';
import type { TextBlock } from '../../ingestion/parsed-document.ts';
import { problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import { detailsOf, documentIdParams, type DocumentRoutesDependencies } from './documents-routes.ts';
import { presentDocument } from './present-document.ts';

const tags = ['documents'];
const mediaTypes: Record<string, string> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

/** Uploads, originals and page texts. */
export function registerFiles(
  app: App,
  dependencies: DocumentRoutesDependencies & { blobs: BlobStore },
): void {
  const { knowledge, documents, addDocument, jobs, blobs, embeddingModelId } = dependencies;

  app.post(
    '/api/v1/documents/upload',
    {
      config: { acceptsMultipart: true },
      schema: {
        tags,
        summary: 'Upload a file',
        description:
          'multipart/form-data: file (pdf, docx, html, md, txt, srt, vtt, csv), namespace, title?, youtube_url?, source_url?, author?, published_date?, metadata? (JSON).',
        consumes: ['multipart/form-data'],
        response: { 200: documentSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { file, fields } = await readUpload(request);
      const names = (await knowledge.readable(request.caller.role)).map((record) => record.name);
      if (!names.includes(fields.namespace))
        throw invalidField(
          'namespace',
          `there is no namespace "${fields.namespace}"; use one of ${names.join(', ')}.`,
        );
      const { namespace, title, ...rest } = fields;
      const added = await addDocument.add({
        namespace,
        title: title ?? titleOf(file.name),
        fileName: file.name,
        bytes: file.bytes,
        ...detailsOf(rest),
        uploadedBy: request.caller.userId,
      });
      if (added.jobId !== null) await jobs.waitForEnd(added.jobId);
      const record = await documents.find(added.documentId);
      if (!record) throw notFound('document', added.documentId);
      return presentDocument(record, {
        embeddingModel: embeddingModelId(),
        isDuplicate: added.isDuplicate,
      });
    },
  );

  app.get(
    '/api/v1/documents/:id/file',
    {
      schema: {
        tags,
        summary: 'The original file; range requests are answered',
        produces: ['application/octet-stream'],
        params: documentIdParams,
        response: { '2xx': z.any().describe('The bytes of the file.'), ...problemResponses },
      },
    },
    async (request, reply) => {
      const record = await knowledge.document(request.params.id, request.caller);
      const hash = record.shown?.blobHash ?? '';
      const size = hash === '' ? undefined : await blobs.size(hash);
      if (size === undefined) throw notFound('file of document', record.id);
      const isPdf = record.shown?.format === 'pdf';
      const range = parseRange(request.headers.range, size);
      void reply.headers({
        'accept-ranges': 'bytes',
        'content-type': mediaTypes[record.shown?.format ?? ''] ?? 'application/octet-stream',
        // Only PDFs open in the page; anything else could carry markup, so it is saved.
        'content-disposition': `${isPdf ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(record.fileName ?? 'document')}`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, max-age=0, must-revalidate',
        etag: `"${hash}"`,
      });
      if (range === 'unsatisfiable')
        return reply.code(416).header('content-range', `bytes */${size}`).send(null);
      if (range === undefined) return reply.header('content-length', size).send(blobs.stream(hash));
      return reply
        .code(206)
        .headers({
          'content-range': `bytes ${range.start}-${range.end}/${size}`,
          'content-length': range.end - range.start + 1,
        })
        .send(blobs.stream(hash, range));
    },
  );

  app.get(
    '/api/v1/documents/:id/pages/:number',
    {
      schema: {
        tags,
        summary: 'The text of one page',
        params: documentIdParams.extend({ number: z.coerce.number().int().min(1) }),
        response: {
          200: z.object({ document_id: z.int(), page: z.int(), page_count: z.int(), text: z.string() }),
          ...problemResponses,
        },
      },
    },
    async (request) => {
      const record = await knowledge.document(request.params.id, request.caller);
      const { number: page } = request.params;
      const pageCount = record.shown?.pageCount ?? 0;
      if (page > pageCount) throw notFound('page', page);
      const blocks = (await documents.blocks(record.id)).filter((block: TextBlock) => block.page === page);
      const text = record.shown?.text ?? '';
      return {
        document_id: record.id,
        page,
        page_count: pageCount,
        text: blocks.map((block) => text.slice(block.start, block.end)).join('\n'),
      };
    },
  );
}

type Upload = { file: { name: string; bytes: Uint8Array }; fields: z.infer<typeof uploadFieldsSchema> };

async function readUpload(request: FastifyRequest): Promise<Upload> {
  if (!request.isMultipart())
    throw new AppError(
      'unsupported_media_type',
      'Send the file as multipart/form-data, in a field named "file".',
    );
  let file: Upload['file'] | undefined;
  const values: Record<string, unknown> = {};
  try {
    for await (const part of request.parts() as AsyncIterable<Multipart>) {
      // A path in the name is somebody's folder, or an attempt at ours.
      if (part.type === 'file')
        file = { name: cleanName(part.filename), bytes: new Uint8Array(await part.toBuffer()) };
      else if (part.value !== '') values[part.fieldname] = part.value;
    }
  } catch (error) {
    throw toUploadError(error);
  }
  const metadata = values['metadata'] ?? values['metadata_json'];
  const result = uploadFieldsSchema.safeParse({
    ...values,
    tags: splitTags(values['tags']),
    metadata_json: parseMetadata(metadata),
  });
  if (!result.success) {
    const errors = result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }));
    throw new AppError('invalid_field', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
      fields: errors,
    });
  }
  if (!file) throw invalidField('file', 'add the file in a field named "file".');
  return { file, fields: result.data };
}

/** Limits have errors of their own; what else goes wrong while reading is a body that was cut off or is garbled. */
function toUploadError(error: unknown): unknown {
  if (error instanceof Error && 'statusCode' in error) return error;
  return new AppError('malformed_request', 'The upload ended early or is garbled. Send the file again.', {
    cause: error,
  });
}

function cleanName(name: string): string {
  const last = basename(name.replaceAll('\\', '/'))
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  return last.slice(-200) || 'upload';
}

function titleOf(fileName: string): string {
  const stem = fileName
    .replace(/\.[^.]+$/, '')
    .replaceAll(/[_-]+/g, ' ')
    .trim();
  return stem === '' ? fileName : stem;
}

/** Words between commas, or a JSON list of words. */
function splitTags(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  if (value.trimStart().startsWith('[')) {
    try {
      return JSON.parse(value);
    } catch {
      throw invalidField(
        'tags',
        'is not valid JSON; send words between commas, or a list such as ["a","b"].',
      );
    }
  }
  return value
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
}

function parseMetadata(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw invalidField('metadata', 'is not valid JSON; send an object such as {"series":"2026"}.');
  }
}

/** One byte range of RFC 9110, 14.1.2; several ranges get the whole file. */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [first, last] = [match[1], match[2]];
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - suffix), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size) return 'unsatisfiable';
  return start > end ? undefined : { start, end };
}
