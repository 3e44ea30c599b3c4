export type Upload = { payload: Buffer; headers: Record<string, string> };

/** A multipart body with a file and fields, as a browser sends it. */
export async function buildUpload(options: {
  fileName: string;
  content: string | Uint8Array;
  fields?: Record<string, string>;
}): Promise<Upload> {
  const { fileName, content, fields = {} } = options;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  form.append('file', new File([new Uint8Array(bytes)], fileName));
  const request = new Response(form);
  return {
    payload: Buffer.from(await request.arrayBuffer()),
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
  };
}
