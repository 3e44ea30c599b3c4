import { settings as allSettings } from '../src/server/settings.ts';

type Description = { group: string; description: string; example?: string; isSecret?: boolean };
type Descriptions = Readonly<Record<string, Description>>;

/** The text of `.env.example`: every setting by group, commented out, with its example; secrets have no value. */
export function describeEnvironment(settings: Descriptions = allSettings): string {
  const groups = byGroup(settings).map(([group, members]) => {
    const lines = members.map(([name, { description, example, isSecret }]) => {
      const value = isSecret === true ? '' : quoteForEnvironment(example ?? '');
      return `# ${description}\n# ${name}=${value}`;
    });
    return `## ${group}\n\n${lines.join('\n\n')}`;
  });
  return `${[
    '# Copy this file to .env and remove the # of what you change. Variables of the process win over .env.\n# Each setting can also be given as NAME_FILE, the path of a file that holds the value.\n# Generated from src/server/settings.ts by npm run fix.',
    ...groups,
  ].join('\n\n')}\n`;
}

/** The text of `docs/configuration.md`: one table a group. */
export function describeSettings(settings: Descriptions = allSettings): string {
  const groups = byGroup(settings).map(([group, members]) => {
    const rows = members.map(([name, { description, example, isSecret }]) => {
      const shown = example === undefined ? '' : `\`${escapeCell(example)}\``;
      return `| \`${name}\` | ${shown} | ${escapeCell(description)} | ${isSecret === true ? 'yes' : ''} |`;
    });
    return `## ${group}\n\n| name | default or example | description | secret |\n|---|---|---|---|\n${rows.join('\n')}`;
  });
  return `${[
    '# Configuration',
    'Generated from `src/server/settings.ts` by `npm run fix`; change it there.',
    'Settings are environment variables; a file `.env` in the working folder is read below them. Each setting also works as `NAME_FILE`, the path of a file that holds the value, such as `JWT_SECRET_FILE=/run/secrets/jwt`: the way to give secrets. Giving both is an error. All problems are reported at once, each with its fix; `wwhd doctor` shows them without starting the server.',
    ...groups,
  ].join('\n\n')}\n`;
}

function byGroup(settings: Descriptions): [string, [string, Description][]][] {
  const groups = new Map<string, [string, Description][]>();
  for (const entry of Object.entries(settings)) {
    const { group } = entry[1];
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  return [...groups];
}

/** JSON and texts with spaces or # need single quotes in a .env file. */
function quoteForEnvironment(value: string): string {
  return /[\s#"{[]/.test(value) ? `'${value}'` : value;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
