import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

export type YamlProblem = { line: number; message: string };

/**
 * Parses YAML and checks it against a schema; every problem names the line it stands on.
 * @param options.firstLine line of the file on which the text begins, when it is a part of one; 1 by default
 */
export function validateYaml<Schema extends z.ZodType>(options: {
  text: string;
  schema: Schema;
  firstLine?: number;
}): { data: z.output<Schema>; problems: [] } | { data: undefined; problems: YamlProblem[] } {
  const { text, schema, firstLine = 1 } = options;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineAt = (offset: number) => lines.linePos(offset).line + firstLine - 1;
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      line: lineAt(error.pos[0]),
      message: (error.message.split('\n')[0] ?? error.message).replace(/ at line \d+.*$/, ''),
    }));
    return { data: undefined, problems };
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return { data: result.data, problems: [] };
  const problems = result.error.issues.map((issue) => ({
    line: lineAt(offsetOf(document, issue.path)),
    message: `${issue.path.join('.') || 'file'}: ${issue.message}`,
  }));
  return { data: undefined, problems };
}

/** Where a value stands in the YAML text, or the nearest parent that exists when the value itself is missing. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
