// Run as a process of its own: opens a built index, searches it and prints the resident memory in bytes.
import { openDatabase } from '../src/server/database/open-database.ts';
import { createEmbeddedPassageIndex } from '../src/server/retrieval/embedded-passage-index.ts';

const [path = '', generationId = '', dimension = '0', ...questions] = process.argv.slice(2);
const opened = await openDatabase({ path, isServer: false, now: () => new Date() });
const index = createEmbeddedPassageIndex({
  database: opened.database,
  generationId: Number(generationId),
  dimension: Number(dimension),
});
await index.open();
for (const text of questions) await index.search({ text, namespaces: ['bench'], limit: 50 });
console.log(process.memoryUsage().rss);
await index.close();
await opened.close();
