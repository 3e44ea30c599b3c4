import type { ColumnBuilderCallback, ColumnDataType, RawBuilder } from 'kysely';

type DataType = ColumnDataType | RawBuilder<unknown>;

/** What migrations need to know of a dialect, by name, so that no migration asks which database it runs on. */
export type DialectTypes = {
  id: DataType;
  idOptions: ColumnBuilderCallback;
  bytes: DataType;
  float: DataType;
  /** Statements that make a table refuse changes, and removals but those that a condition on `old` allows. */
  appendOnlyTriggers: (options: { table: string; mayRemove: string }) => string[];
};
