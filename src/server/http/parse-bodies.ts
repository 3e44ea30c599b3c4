import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

import { AppError } from '../errors.ts';
import type { App } from './http-app.ts';

/** Largest JSON or form body, and largest uploaded file, in bytes. */
export const bodyLimits = { jsonBytes: 1_048_576, fileBytes: 10 * 1_048_576 } as const;

const MAX_DEPTH = 32;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Teaches the server to read bodies. A JSON object is accepted whatever its content type, because published curl
 * lines send none; a browser session must say `application/json`, which a form of another site cannot.
 */
export async function addBodyParsers(app: App): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseJson(body),
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      refuseSession(request);
      return looksLikeObject(body) ? parseJson(body) : parseForm(body);
    },
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    refuseSession(request);
    if (body.length === 0) return undefined;
    if (looksLikeObject(body)) return parseJson(body);
    throw wrongType();
  });
  await app.register(multipart, {
    limits: {
      fileSize: bodyLimits.fileBytes,
      files: 1,
      fields: 20,
      fieldSize: 65_536,
      parts: 21,
      headerPairs: 50,
    },
    throwFileSizeLimit: true,
  });
  app.addHook('preValidation', async (request) => {
    if (request.isMultipart() && request.routeOptions.config.acceptsMultipart !== true && !request.is404) {
      throw wrongType();
    }
  });
}

function refuseSession(request: FastifyRequest): void {
  if (request.caller.via === 'cookie') throw wrongType();
}

function wrongType(): AppError {
  return new AppError('unsupported_media_type', 'Send the body with Content-Type: application/json.');
}

function looksLikeObject(body: Buffer): boolean {
  return /^\s*\{/.test(body.subarray(0, 64).toString('latin1'));
}

function decode(body: Buffer): string {
  try {
    return decoder.decode(body);
  } catch (cause) {
    throw new AppError('malformed_request', 'The body is not valid UTF-8.', { cause });
  }
}

function parseForm(body: Buffer): Record<string, string> {
  const form = new Map(new URLSearchParams(decode(body)));
  return Object.fromEntries(form);
}

/**
 * Parses JSON that may come from anyone: no more than 32 levels deep, no key that reaches a prototype.
 * @throws AppError `malformed_request`
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = decode(body);
  assertDepth(text);
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('the key "__proto__" is not allowed');
      return value;
    });
  } catch (cause) {
    const detail = (cause as Error).message.includes('__proto__')
      ? 'it has a forbidden key'
      : 'check commas and quotes';
    throw new AppError('malformed_request', `The body is not valid JSON: ${detail}.`, { cause });
  }
}

/** Counted before parsing, since the parser itself is recursive. */
function assertDepth(text: string): void {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString) {
      if (character === '\\') index++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > MAX_DEPTH) {
      throw new AppError('malformed_request', `The JSON is nested deeper than ${MAX_DEPTH} levels.`);
    }
  }
}
