import { DocumentProblem } from './parsed-document.ts';

/** The largest file that may be uploaded, in bytes (10 MB). */
export const maximumUploadBytes = 10 * 1024 * 1024;

/**
 * Checks the size of an upload in bytes.
 * @throws DocumentProblem `payload_too_large`, naming the size and the limit.
 */
export function assertUploadSize(sizeBytes: number): void {
  if (sizeBytes <= maximumUploadBytes) return;
  throw new DocumentProblem(
    'payload_too_large',
    `The file is ${inMegabytes(sizeBytes)} MB and the limit is ${inMegabytes(maximumUploadBytes)} MB. ` +
      'Split it into parts, or make its images smaller, and upload it again.',
  );
}

function inMegabytes(sizeBytes: number): string {
  // Rounded up to a hundredth, so that a file one byte over the limit never reads as being the limit itself.
  return String(Math.ceil((sizeBytes / (1024 * 1024)) * 100) / 100);
}
