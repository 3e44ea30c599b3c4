import type { Kysely } from 'kysely';

import type { DialectTypes } from '../dialect.ts';
import { createSchema } from './0001-create-schema.ts';

export type Migration = {
  name: string;
  up: (database: Kysely<unknown>, types: DialectTypes) => Promise<void>;
};

/** In order; never edited or removed once released. */
export const migrations: readonly Migration[] = [{ name: '0001-create-schema', up: createSchema }];
