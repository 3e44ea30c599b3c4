import { type Access, accessOf } from '../../src/server/http/permissions.ts';
import type { TestServer } from './open-test-server.ts';

export type JsonSchema = Record<string, unknown>;

/** A route of the OpenAPI document, with what a request to it can hold. */
export type DescribedRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the document: `/api/v1/chats/{id}`. */
  path: string;
  access: Access;
  parameters: { name: string; in: 'path' | 'query' | 'header'; schema: JsonSchema; required: boolean }[];
  body: JsonSchema | undefined;
  isMultipart: boolean;
  /** Schema of an answer by its media type; undefined when the document names no such status. */
  responseOf: (status: number, mediaType: string) => JsonSchema | undefined;
  /** Media types that the document names for a status. */
  mediaTypesOf: (status: number) => string[];
};

type Operation = {
  parameters?: DescribedRoute['parameters'];
  requestBody?: { content: Record<string, { schema?: JsonSchema }> };
  responses?: Record<string, { content?: Record<string, { schema?: JsonSchema }> }>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, JsonSchema> };
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every route that the app describes at /openapi.json, with its entry of the permission table. */
export async function listRoutes({ app }: Pick<TestServer, 'app'>): Promise<DescribedRoute[]> {
  const document = (await app.inject({ url: '/openapi.json' })).json<Document>();
  const routes: DescribedRoute[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation) routes.push(describeRoute({ path, method, operation }));
    }
  }
  return routes;
}

function describeRoute(options: {
  path: string;
  method: (typeof METHODS)[number];
  operation: Operation;
}): DescribedRoute {
  const { path, method, operation } = options;
  const upper = method.toUpperCase() as DescribedRoute['method'];
  const responses = operation.responses ?? {};
  const answer = (status: number) => responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
  return {
    method: upper,
    path,
    access: accessOf({ method: upper, url: path.replaceAll(/\{(\w+)\}/g, ':$1') }),
    parameters: operation.parameters ?? [],
    body: operation.requestBody?.content['application/json']?.schema,
    isMultipart: path.endsWith('/upload'),
    responseOf: (status, mediaType) => answer(status)?.content?.[mediaType]?.schema,
    mediaTypesOf: (status) => Object.keys(answer(status)?.content ?? {}),
  };
}

/** The address of a route with its parameters filled in. */
export function addressOf(route: Pick<DescribedRoute, 'path'>, values: Record<string, string>): string {
  return route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
}
