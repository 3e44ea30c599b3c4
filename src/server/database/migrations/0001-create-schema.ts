import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

import type { DialectTypes } from '../dialect.ts';
import { createAuditTables } from './0001-audit-tables.ts';
import { createIdentityTables } from './0001-identity-tables.ts';
import { createMemoryTables } from './0001-memory-tables.ts';

/** The first released schema. Forward only; later changes are new files. */
export async function createSchema(database: Kysely<unknown>, types: DialectTypes): Promise<void> {
  const { schema } = database;
  const withId = (name: string): CreateTableBuilder<string, 'id'> =>
    schema.createTable(name).addColumn('id', types.id, types.idOptions);

  await createAccountTables(schema, withId);
  await createIdentityTables(schema, withId);
  await createKnowledgeTables(schema, withId, types);
  await createChatTables(schema, withId);
  await createMemoryTables(schema, withId);
  await createAuditTables(database, types);
  await createIndexes(schema);
}

type Schema = Kysely<unknown>['schema'];
type WithId = (name: string) => CreateTableBuilder<string, 'id'>;

async function createAccountTables(schema: Schema, withId: WithId): Promise<void> {
  await withId('users')
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('username_key', 'text', (c) => c.notNull().unique())
    .addColumn('email', 'text')
    .addColumn('email_key', 'text', (c) => c.unique())
    .addColumn('email_verified_at', 'text')
    .addColumn('name', 'text')
    .addColumn('password_hash', 'text')
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('is_active', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('token_version', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('settings', 'text', (c) => c.notNull().defaultTo('{}'))
    .addColumn('expires_at', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute();
  await withId('refresh_tokens')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('line_id', 'text', (c) => c.notNull())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('token_version', 'integer', (c) => c.notNull())
    .addColumn('user_agent', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text', (c) => c.notNull())
    .addColumn('used_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute();
  await withId('api_keys')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('prefix', 'text', (c) => c.notNull())
    .addColumn('key_hash', 'text', (c) => c.notNull().unique())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('last_used_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute();
  await schema
    .createTable('settings')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('sequences')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('next_value', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('idempotency_keys')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('route', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('request_hash', 'text', (c) => c.notNull())
    .addColumn('turn_id', 'integer')
    .addColumn('status', 'integer')
    .addColumn('response', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_pk', ['user_id', 'route', 'key'])
    .execute();
}

async function createKnowledgeTables(schema: Schema, withId: WithId, types: DialectTypes): Promise<void> {
  await schema
    .createTable('namespaces')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('persona_id', 'text')
    .addColumn('visibility', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('blobs')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('size_bytes', 'integer', (c) => c.notNull())
    .addColumn('media_type', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await withId('documents')
    .addColumn('namespace', 'text', (c) => c.notNull().references('namespaces.name').onUpdate('cascade'))
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('source_url', 'text')
    .addColumn('youtube_url', 'text')
    .addColumn('author', 'text')
    .addColumn('published_date', 'text')
    .addColumn('tags', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('metadata', 'text', (c) => c.notNull().defaultTo('{}'))
    .addColumn('file_name', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('error_code', 'text')
    .addColumn('error', 'text')
    .addColumn('current_version_id', 'integer')
    .addColumn('index_revision', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('uploaded_by', 'integer', (c) => c.references('users.id').onDelete('set null'))
    .addColumn('is_sample', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('retrieval_count', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('relevance_sum', types.float, (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .addColumn('deleted_at', 'text')
    .execute();
  await withId('document_versions')
    .addColumn('document_id', 'integer', (c) => c.notNull().references('documents.id').onDelete('cascade'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('checksum', 'text', (c) => c.notNull())
    .addColumn('format', 'text')
    .addColumn('blob_hash', 'text', (c) => c.notNull().references('blobs.hash'))
    .addColumn('text', 'text')
    .addColumn('blocks', 'text')
    .addColumn('page_count', 'integer')
    .addColumn('passage_count', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('warnings', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('released_at', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('document_versions_unique', ['document_id', 'version'])
    .execute();
  await withId('index_generations')
    .addColumn('splitter_version', 'integer', (c) => c.notNull())
    .addColumn('analyser_version', 'integer', (c) => c.notNull())
    .addColumn('embedding_model', 'text')
    .addColumn('dimension', 'integer')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('activated_at', 'text')
    .execute();
  await schema
    .createTable('passages')
    .addColumn('id', 'bigint', (c) => c.primaryKey())
    .addColumn('document_id', 'integer', (c) => c.notNull().references('documents.id').onDelete('cascade'))
    .addColumn('version_id', 'integer', (c) =>
      c.notNull().references('document_versions.id').onDelete('cascade'),
    )
    .addColumn('generation_id', 'integer', (c) => c.notNull().references('index_generations.id'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('locator', 'text', (c) => c.notNull())
    .addColumn('vector', types.bytes)
    .execute();
  await schema
    .createTable('generation_documents')
    .addColumn('generation_id', 'integer', (c) => c.notNull().references('index_generations.id'))
    .addColumn('document_id', 'integer', (c) => c.notNull().references('documents.id').onDelete('cascade'))
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('passage_count', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('generation_documents_pk', ['generation_id', 'document_id'])
    .execute();
  await withId('index_segments')
    .addColumn('generation_id', 'integer', (c) => c.notNull().references('index_generations.id'))
    .addColumn('passage_count', 'integer', (c) => c.notNull())
    .addColumn('data', types.bytes, (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await withId('index_tombstones')
    .addColumn('generation_id', 'integer', (c) => c.notNull().references('index_generations.id'))
    .addColumn('passage_id', 'bigint', (c) => c.notNull())
    .execute();
  await withId('jobs')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('document_id', 'integer', (c) => c.references('documents.id').onDelete('cascade'))
    .addColumn('progress', types.float, (c) => c.notNull().defaultTo(0))
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('max_attempts', 'integer', (c) => c.notNull())
    .addColumn('run_after', 'text', (c) => c.notNull())
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'text')
    .addColumn('fence', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('cancel_requested_at', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error', 'text')
    .addColumn('result', 'text')
    .addColumn('created_by', 'integer')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'text')
    .execute();
}

async function createChatTables(schema: Schema, withId: WithId): Promise<void> {
  await withId('chats')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('persona_id', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('is_title_set', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('is_pinned', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('is_archived', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('head_message_id', 'integer')
    .addColumn('tokens_used', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('cost_micros', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute();
  await withId('messages')
    .addColumn('chat_id', 'integer', (c) => c.notNull().references('chats.id').onDelete('cascade'))
    .addColumn('parent_id', 'integer')
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('agent_used', 'text')
    .addColumn('routing_reason', 'text')
    .addColumn('namespaces', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('sources', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('guard_action', 'text', (c) => c.notNull().defaultTo('allow'))
    .addColumn('guard_policy', 'text')
    .addColumn('guard_reason', 'text')
    .addColumn('note', 'text')
    .addColumn('prompt_tokens', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('completion_tokens', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('cost_micros', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('response_time_ms', 'integer')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('turns')
    .addColumn('id', 'integer', (c) => c.primaryKey().references('messages.id').onDelete('cascade'))
    .addColumn('chat_id', 'integer', (c) => c.notNull().references('chats.id').onDelete('cascade'))
    .addColumn('user_id', 'integer', (c) => c.notNull())
    .addColumn('question_id', 'integer', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('lease_until', 'text', (c) => c.notNull())
    .addColumn('fence', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('stop_requested_at', 'text')
    .addColumn('reserved_tokens', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('reserved_cost_micros', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'text')
    .execute();
  await schema
    .createTable('turn_events')
    .addColumn('turn_id', 'integer', (c) => c.notNull().references('turns.id').onDelete('cascade'))
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('turn_events_pk', ['turn_id', 'sequence'])
    .execute();
  await schema
    .createTable('receipts')
    .addColumn('turn_id', 'integer', (c) => c.primaryKey().references('messages.id').onDelete('cascade'))
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await withId('citations')
    .addColumn('message_id', 'integer', (c) => c.notNull().references('messages.id').onDelete('cascade'))
    .addColumn('marker', 'integer', (c) => c.notNull())
    .addColumn('start_offset', 'integer', (c) => c.notNull())
    .addColumn('end_offset', 'integer', (c) => c.notNull())
    .addColumn('document_id', 'integer', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('passage_id', 'bigint', (c) => c.notNull())
    .addColumn('locator', 'text', (c) => c.notNull())
    .addColumn('quote', 'text', (c) => c.notNull())
    .addColumn('support', sql`double precision`, (c) => c.notNull())
    .execute();
  await schema
    .createTable('feedback')
    .addColumn('message_id', 'integer', (c) => c.notNull().references('messages.id').onDelete('cascade'))
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('rating', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('comment', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('feedback_pk', ['message_id', 'user_id'])
    .execute();
  await withId('token_usage')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('message_id', 'integer')
    .addColumn('persona_id', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('prompt_tokens', 'integer', (c) => c.notNull())
    .addColumn('cached_tokens', 'integer', (c) => c.notNull())
    .addColumn('completion_tokens', 'integer', (c) => c.notNull())
    .addColumn('cost_micros', 'bigint', (c) => c.notNull())
    .addColumn('is_reported', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await withId('unanswered_questions')
    .addColumn('persona_id', 'text', (c) => c.notNull())
    .addColumn('question', 'text', (c) => c.notNull())
    .addColumn('message_id', 'integer')
    .addColumn('score', sql`double precision`, (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
}

async function createIndexes(schema: Schema): Promise<void> {
  const indexes: [name: string, table: string, columns: string[]][] = [
    ['refresh_tokens_line', 'refresh_tokens', ['line_id']],
    ['refresh_tokens_user', 'refresh_tokens', ['user_id']],
    ['api_keys_user', 'api_keys', ['user_id']],
    ['documents_namespace', 'documents', ['namespace', 'status']],
    ['document_versions_checksum', 'document_versions', ['checksum']],
    ['document_versions_blob', 'document_versions', ['blob_hash']],
    ['passages_document', 'passages', ['document_id', 'version_id', 'position']],
    ['passages_generation', 'passages', ['generation_id', 'document_id']],
    ['index_segments_generation', 'index_segments', ['generation_id']],
    ['index_tombstones_generation', 'index_tombstones', ['generation_id']],
    ['jobs_due', 'jobs', ['status', 'run_after']],
    ['jobs_document', 'jobs', ['document_id']],
    ['chats_user', 'chats', ['user_id', 'updated_at']],
    ['messages_chat', 'messages', ['chat_id']],
    ['turns_running', 'turns', ['status', 'lease_until']],
    ['turns_chat', 'turns', ['chat_id', 'status']],
    ['citations_message', 'citations', ['message_id']],
    ['token_usage_user', 'token_usage', ['user_id', 'created_at']],
    ['unanswered_questions_persona', 'unanswered_questions', ['persona_id', 'status']],
  ];
  for (const [name, table, columns] of indexes) {
    await schema.createIndex(name).on(table).columns(columns).execute();
  }
}
