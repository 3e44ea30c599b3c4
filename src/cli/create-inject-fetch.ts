import { Readable } from 'node:stream';

import type { Fetch } from '../shared/client/create-transport.ts';

type InjectedRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  payload?: Buffer;
  payloadAsStream: true;
  signal?: AbortSignal;
};

type InjectedResponse = {
  statusCode: number;
  headers: Record<string, string | string[] | number | undefined>;
  stream: () => Readable;
};

/** The part of a Fastify app that requests can be put into without a socket. */
export type InjectableApp = { inject: (request: InjectedRequest) => Promise<InjectedResponse> };

const WITHOUT_BODY = new Set([204, 205, 304]);

/** A fetch that hands requests to an app in this process; bodies stream, so that an answer comes word by word. */
export function createInjectFetch(app: InjectableApp): Fetch {
  return async (address, init) => {
    const { pathname, search } = new URL(address, 'http://localhost');
    // Response knows how to encode a form and which content type it has then.
    const body = init.body === undefined || init.body === null ? undefined : new Response(init.body);
    const headers = new Headers(init.headers);
    const contentType = body?.headers.get('content-type');
    if (contentType && !headers.has('content-type')) headers.set('content-type', contentType);
    const response = await app.inject({
      method: (init.method ?? 'GET') as InjectedRequest['method'],
      url: `${pathname}${search}`,
      headers: Object.fromEntries(headers),
      ...(body === undefined ? {} : { payload: Buffer.from(await body.arrayBuffer()) }),
      payloadAsStream: true,
      ...(init.signal ? { signal: init.signal } : {}),
    });
    const stream = response.stream();
    const hasBody = !WITHOUT_BODY.has(response.statusCode);
    if (!hasBody) stream.resume();
    return new Response(hasBody ? (Readable.toWeb(stream) as ReadableStream<Uint8Array>) : null, {
      status: response.statusCode,
      headers: headersOf(response),
    });
  };
}

function headersOf(response: InjectedResponse): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) headers.append(name, String(one));
    }
  }
  return headers;
}
