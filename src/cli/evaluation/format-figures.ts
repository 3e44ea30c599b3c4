import { formatTable } from '../terminal.ts';

/** Figures as text: plain ones as two columns, figures by label as one row a label. */
export function formatFigures(figures: object): string {
  const entries = Object.entries(figures) as [string, unknown][];
  const plain = entries.filter(([, value]) => typeof value !== 'object' || value === null);
  const rows = entries.flatMap(([name, value]): [string, object][] => {
    if (typeof value !== 'object' || value === null) return [];
    return Array.isArray(value)
      ? value.map((one: object, index) => [`${name} ${index + 1}`, one])
      : [[name, value]];
  });
  const head = rows[0] === undefined ? [] : [['', ...Object.keys(rows[0][1])]];
  const tables = [
    formatTable(plain.map(([name, value]) => [name, formatValue(value)])),
    formatTable([...head, ...rows.map(([name, row]) => [name, ...Object.values(row).map(formatValue)])]),
  ];
  return tables.filter((table) => table !== '').join('\n\n');
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(4);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
