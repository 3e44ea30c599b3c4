import { existsSync } from 'node:fs';
import { join } from 'node:path';

import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';

import { AppError } from '../errors.ts';
import type { App } from './http-app.ts';

/** Addresses of the page; the page itself decides what each shows. */
const PAGES = ['/app', '/app/*', '/s/:token', '/setup'];
const YEAR_SECONDS = 31_536_000;

/**
 * Serves the built page: at `/` for browsers (programs get a JSON greeting), and at its other addresses.
 * @param options.folder of the build; when it is missing the addresses say how to build it
 */
export async function registerPage(app: App, options: { folder: string }): Promise<void> {
  const { folder } = options;
  const isBuilt = existsSync(join(folder, 'index.html'));
  const hidden = { schema: { hide: true } };
  if (isBuilt) await app.register(fastifyStatic, { root: folder, serve: false });
  const sendPage = (reply: FastifyReply) => {
    if (!isBuilt)
      throw new AppError('unavailable', 'The page is not built; run `npm run build` and start again.');
    return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
  };
  app.get('/', hidden, async (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return sendPage(reply);
    return { message: 'WWHD answers from curated knowledge, with sources. See /docs.', status: 'ok' };
  });
  for (const page of PAGES) app.get(page, hidden, async (_request, reply) => sendPage(reply));
  if (!isBuilt) return;
  app.get<{ Params: { '*': string } }>('/assets/*', hidden, async (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, { maxAge: YEAR_SECONDS * 1_000, immutable: true }),
  );
  for (const file of ['favicon.ico', 'favicon.svg', 'robots.txt']) {
    if (existsSync(join(folder, file)))
      app.get(`/${file}`, hidden, async (_request, reply) => reply.sendFile(file));
  }
}
