/**
 * Who may call a route at all; each level includes those after it. `anyone`: no credentials needed. `guest`: when
 * guests are allowed, also someone without credentials, who becomes a guest by writing. `owner`: a user, or a guest
 * who already is one; whether the object is theirs is decided in the feature. `user`, `curator`, `admin`: the role.
 */
export type Access = 'anyone' | 'guest' | 'owner' | 'user' | 'curator' | 'admin';

/** Every route of the server, as registered but without a trailing slash. A route that is not here cannot start. */
export const permissions: Readonly<Record<string, Access>> = {
  'GET /': 'anyone',
  'GET /*': 'anyone',
  'GET /app': 'anyone',
  'GET /app/*': 'anyone',
  'GET /s/:token': 'anyone',
  'GET /setup': 'anyone',
  'GET /assets/*': 'anyone',
  'GET /favicon.ico': 'anyone',
  'GET /favicon.svg': 'anyone',
  'GET /robots.txt': 'anyone',
  'GET /health': 'anyone',
  'GET /readiness': 'anyone',
  'GET /liveness': 'anyone',
  'GET /openapi.json': 'anyone',
  'GET /docs': 'anyone',
  'GET /docs/json': 'anyone',
  'GET /docs/yaml': 'anyone',
  'GET /docs/static/*': 'anyone',
  'GET /docs/static/index.html': 'anyone',
  'GET /docs/static/swagger-initializer.js': 'anyone',
  'OPTIONS *': 'anyone',

  'POST /api/v1/auth/register': 'anyone',
  'POST /api/v1/auth/token': 'anyone',
  'POST /api/v1/auth/login': 'anyone',
  'POST /api/v1/auth/refresh': 'anyone',
  'POST /api/v1/auth/logout': 'anyone',
  'POST /api/v1/auth/guest': 'anyone',
  'POST /api/v1/auth/forgot': 'anyone',
  'POST /api/v1/auth/reset': 'anyone',
  'POST /api/v1/auth/verify': 'anyone',
  'GET /api/v1/auth/oidc/start': 'anyone',
  'GET /api/v1/auth/oidc/callback': 'anyone',
  'POST /api/v1/auth/claim': 'user',
  'GET /api/v1/auth/me': 'owner',
  'PATCH /api/v1/auth/me': 'user',
  'DELETE /api/v1/auth/me': 'user',
  'GET /api/v1/auth/me/export': 'owner',
  'GET /api/v1/me/export': 'owner',
  'GET /api/v1/me': 'owner',
  'PATCH /api/v1/me': 'user',
  'DELETE /api/v1/me': 'user',
  'GET /api/v1/auth/sessions': 'user',
  'DELETE /api/v1/auth/sessions/:id': 'user',
  'DELETE /api/v1/auth/sessions': 'user',
  'GET /api/v1/auth/api-keys': 'user',
  'POST /api/v1/auth/api-keys': 'user',
  'DELETE /api/v1/auth/api-keys/:id': 'user',
  'GET /api/v1/auth/second-factor': 'user',
  'POST /api/v1/auth/second-factor': 'user',
  'POST /api/v1/auth/second-factor/confirm': 'user',
  'POST /api/v1/auth/second-factor/recovery-codes': 'user',
  'POST /api/v1/auth/second-factor/disable': 'user',
  'GET /api/v1/setup': 'anyone',
  'POST /api/v1/setup': 'anyone',

  'GET /api/v1/personas': 'anyone',
  'GET /api/v1/personas/:id': 'anyone',

  'POST /api/v1/chat': 'guest',
  'POST /api/v1/chat/chat': 'guest',
  'POST /api/v1/chat/stream': 'guest',
  'GET /api/v1/chat/turns/:id/events': 'owner',
  'POST /api/v1/chat/turns/:id/stop': 'owner',
  'GET /api/v1/chat/turns/:id/receipt': 'owner',
  'GET /api/v1/chat/chats': 'guest',
  'POST /api/v1/chat/chats': 'user',
  'GET /api/v1/chat/chats/:id': 'owner',
  'PATCH /api/v1/chat/chats/:id': 'owner',
  'DELETE /api/v1/chat/chats/:id': 'owner',
  'GET /api/v1/chat/chats/:id/messages': 'owner',
  'GET /api/v1/chat/chats/:id/export': 'owner',
  'GET /api/v1/chats': 'guest',
  'POST /api/v1/chats': 'user',
  'GET /api/v1/chats/:id': 'owner',
  'PATCH /api/v1/chats/:id': 'owner',
  'DELETE /api/v1/chats/:id': 'owner',
  'GET /api/v1/chats/:id/messages': 'owner',
  'GET /api/v1/chat/sessions': 'guest',
  'POST /api/v1/chat/messages/:id/regenerate': 'owner',
  'POST /api/v1/chat/messages/:id/edit': 'owner',
  'PUT /api/v1/chat/messages/:id/feedback': 'owner',

  'GET /api/v1/documents/namespaces': 'guest',
  'POST /api/v1/namespaces': 'curator',
  'PATCH /api/v1/namespaces/:name': 'curator',
  'DELETE /api/v1/namespaces/:name': 'curator',
  'POST /api/v1/namespaces/:name/reindex': 'curator',
  'GET /api/v1/documents': 'guest',
  'POST /api/v1/documents': 'curator',
  'POST /api/v1/documents/upload': 'curator',
  'POST /api/v1/documents/search': 'user',
  'DELETE /api/v1/documents/all': 'admin',
  'GET /api/v1/documents/:id': 'guest',
  'PUT /api/v1/documents/:id': 'curator',
  'DELETE /api/v1/documents/:id': 'curator',
  'GET /api/v1/documents/:id/passages': 'guest',
  'GET /api/v1/documents/:id/versions/:number': 'guest',
  'GET /api/v1/documents/:id/file': 'guest',
  'GET /api/v1/documents/:id/pages/:number': 'guest',
  'GET /api/v1/documents/:id/status': 'curator',
  'GET /api/v1/admin/documents/:id/status': 'curator',
  'POST /api/v1/documents/:id/reindex': 'curator',
  'POST /api/v1/documents/:id/release': 'curator',
  'GET /api/v1/index/generations': 'curator',
  'POST /api/v1/index/generations': 'curator',
  'POST /api/v1/index/generations/:id/activate': 'curator',
  'GET /api/v1/jobs': 'curator',
  'GET /api/v1/jobs/:id': 'curator',
  'DELETE /api/v1/jobs/:id': 'curator',
  'POST /api/v1/jobs/:id/retry': 'curator',
  'GET /api/v1/jobs/:id/events': 'curator',

  'GET /api/v1/admin/stats': 'admin',
  'GET /api/v1/admin/users': 'admin',
  'PATCH /api/v1/admin/users/:id': 'admin',
  'GET /api/v1/admin/audit': 'admin',
  'GET /api/v1/admin/invitations': 'admin',
  'POST /api/v1/admin/invitations': 'admin',
  'DELETE /api/v1/admin/invitations/:id': 'admin',
  'GET /api/v1/usage': 'user',

  'GET /api/v1/memories': 'user',
  'POST /api/v1/memories': 'user',
  'PUT /api/v1/memories/settings': 'user',
  'PATCH /api/v1/memories/:id': 'user',
  'DELETE /api/v1/memories/:id': 'user',
};

/**
 * The entry of a route in the table. HEAD follows GET; a trailing slash does not matter.
 * @throws Error when the table has none, so that a forgotten route stops the start instead of standing open
 */
export function accessOf(options: {
  method: string;
  url: string;
  table?: Readonly<Record<string, Access>>;
}): Access {
  const { method, url, table = permissions } = options;
  const path = url.length > 1 ? url.replace(/\/$/, '') : url;
  const key = `${method === 'HEAD' ? 'GET' : method} ${path || '/'}`;
  const access = table[key];
  if (access === undefined) {
    throw new Error(`The route "${key}" has no entry in src/server/http/permissions.ts; add one.`);
  }
  return access;
}
