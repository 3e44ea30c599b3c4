/** Every error code of the API with its HTTP status and title; reportable ones are our fault and logged as errors. */
export const errorTable = {
  malformed_request: { status: 400, title: 'Malformed request', isReportable: false },
  confirmation_required: { status: 400, title: 'Confirmation required', isReportable: false },
  unauthenticated: { status: 401, title: 'Sign-in required', isReportable: false },
  invalid_credentials: { status: 401, title: 'Wrong name or password', isReportable: false },
  second_factor_required: { status: 401, title: 'A second factor is required', isReportable: false },
  invalid_token: { status: 401, title: 'Invalid token', isReportable: false },
  forbidden: { status: 403, title: 'Not allowed', isReportable: false },
  registration_closed: { status: 403, title: 'Registration is closed', isReportable: false },
  invitation_required: { status: 403, title: 'An invitation is required', isReportable: false },
  email_unverified: { status: 403, title: 'The e-mail address is not confirmed', isReportable: false },
  csrf_failed: { status: 403, title: 'Cross-site request refused', isReportable: false },
  not_found: { status: 404, title: 'Not found', isReportable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', isReportable: false },
  conflict: { status: 409, title: 'Conflict', isReportable: false },
  turn_running: { status: 409, title: 'An answer is still being written', isReportable: false },
  payload_too_large: { status: 413, title: 'Too large', isReportable: false },
  unsupported_media_type: { status: 415, title: 'Unsupported type', isReportable: false },
  invalid_field: { status: 422, title: 'Invalid field', isReportable: false },
  idempotency_mismatch: { status: 422, title: 'Idempotency key reused', isReportable: false },
  document_empty: { status: 422, title: 'The document is empty', isReportable: false },
  document_unreadable: { status: 422, title: 'The document cannot be read', isReportable: false },
  document_encrypted: { status: 422, title: 'The document is password-protected', isReportable: false },
  document_without_text: { status: 422, title: 'The document has no text', isReportable: false },
  document_too_complex: { status: 422, title: 'The document is too complex', isReportable: false },
  document_type_mismatch: { status: 415, title: 'The file is not what its name says', isReportable: false },
  rate_limited: { status: 429, title: 'Too many requests', isReportable: false },
  quota_exceeded: { status: 429, title: 'The limit of the day is reached', isReportable: false },
  internal: { status: 500, title: 'Internal error', isReportable: true },
  model_unavailable: { status: 503, title: 'The language model is unavailable', isReportable: true },
  overloaded: { status: 503, title: 'Busy', isReportable: false },
  turn_interrupted: { status: 503, title: 'The answer was interrupted', isReportable: false },
  unavailable: { status: 503, title: 'Unavailable', isReportable: true },
} as const;

export type ErrorCode = keyof typeof errorTable;

export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];
