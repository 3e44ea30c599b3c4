// The baseline of ingestion, run in a worker: the text of every page with unpdf, and nothing else.
import { parentPort } from 'node:worker_threads';

import { extractText, getDocumentProxy } from 'unpdf';

parentPort?.on('message', (bytes: Uint8Array) => {
  void (async () => {
    const { totalPages } = await extractText(await getDocumentProxy(new Uint8Array(bytes)));
    parentPort?.postMessage(totalPages, []);
  })();
});
