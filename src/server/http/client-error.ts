import type { Socket } from 'node:net';

import type { ConnectionError } from 'fastify';

import { AppError, toProblem } from '../errors.ts';

/** Answers what Node could not even parse as HTTP (broken lines, headers over the limit, time-outs), then hangs up. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new AppError('malformed_request', reasonOf(error.code));
  const body = JSON.stringify(toProblem(problem, 'none'));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

function reasonOf(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The headers are longer than 16 KB.';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'The request took too long to arrive.';
  return 'This is not a valid HTTP request.';
}
