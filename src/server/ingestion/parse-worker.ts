import { parentPort } from 'node:worker_threads';

import type { ParseReply, ParseRequest } from './create-parse-slot.ts';
import { parseDocument } from './parse-document.ts';
import { DocumentProblem } from './parsed-document.ts';

const port = parentPort;

port?.on('message', (request: ParseRequest) => {
  void handle(request).then((reply) => port.postMessage(reply));
});

async function handle(request: ParseRequest): Promise<ParseReply> {
  const { bytes, fileName } = request;
  try {
    const document = await parseDocument({
      bytes,
      fileName,
      onProgress: (progress) => port?.postMessage({ type: 'progress', ...progress } satisfies ParseReply),
    });
    return { type: 'parsed', document };
  } catch (error) {
    if (error instanceof DocumentProblem)
      return { type: 'problem', code: error.code, message: error.message };
    return {
      type: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
