import type { CreateTableBuilder, Kysely } from 'kysely';

type Schema = Kysely<unknown>['schema'];
type WithId = (name: string) => CreateTableBuilder<string, 'id'>;

/** The part of the first schema that keeps what users asked personas to remember, and where they allowed it. */
export async function createMemoryTables(schema: Schema, withId: WithId): Promise<void> {
  await withId('memories')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('persona_id', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('memories_user').on('memories').columns(['user_id', 'persona_id']).execute();
  await schema
    .createTable('memory_consents')
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('persona_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('memory_consents_pk', ['user_id', 'persona_id'])
    .execute();
}
