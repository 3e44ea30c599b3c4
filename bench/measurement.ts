/** One line of the result: what was measured, on us and on the baseline of the same run. */
export type Measurement = {
  name: string;
  ours: number;
  unit: string;
  baseline?: { value: number; name: string };
  /** The limit that the project set itself; `atLeast` where more is better. */
  budget?: { limit: number; atLeast?: boolean };
  note?: string;
};

/** Tells each measurement as it is ready. */
export type Report = (measurement: Measurement) => void;

/** The value below which `share` (0-1) of the values lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const ordered = [...values].sort((left, right) => left - right);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}

/** The middle value; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A number with three digits that count, without an exponent. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** Whether a measurement is within its budget; undefined without one. */
export function isMet({ ours, budget }: Measurement): boolean | undefined {
  if (!budget) return undefined;
  return budget.atLeast ? ours >= budget.limit : ours <= budget.limit;
}

/** Name, ours, baseline, ratio, budget, verdict and note of a measurement, as cells of a Markdown table. */
export function toCells(measurement: Measurement): string[] {
  const { name, ours, unit, baseline, budget, note = '' } = measurement;
  const met = isMet(measurement);
  return [
    name,
    `${formatNumber(ours)} ${unit}`,
    baseline ? `${formatNumber(baseline.value)} (${baseline.name})` : '',
    baseline && baseline.value !== 0 ? `${formatNumber(ours / baseline.value)}x` : '',
    budget ? `${budget.atLeast ? '>=' : '<='} ${budget.limit}` : '',
    met === undefined ? '' : met ? 'met' : 'missed',
    note,
  ];
}

export const tableHead = ['measured', 'ours', 'baseline', 'ratio', 'budget', 'verdict', 'note'];

/** A Markdown table of measurements, with its head. */
export function toTable(measurements: readonly Measurement[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(tableHead),
    line(tableHead.map(() => '---')),
    ...measurements.map((m) => line(toCells(m))),
  ].join('\n');
}
