import { parseEnv } from 'node:util';

import { describe, expect, it } from 'vitest';

import { loadConfig } from '../src/server/config.ts';
import { settings } from '../src/server/settings.ts';
import { describeEnvironment, describeSettings } from './describe-settings.ts';

describe('describeEnvironment', () => {
  it('should name every setting once, commented out, secrets without a value', () => {
    const text = describeEnvironment();
    for (const [name, setting] of Object.entries(settings)) {
      const lines = text.split('\n').filter((line) => line.startsWith(`# ${name}=`));
      expect(lines).toHaveLength(1);
      if ('isSecret' in setting) expect(lines[0]).toBe(`# ${name}=`);
    }
    expect(parseEnv(text)).toEqual({});
  });

  it('should give examples that load when their comment sign is removed', () => {
    const values = parseEnv(describeEnvironment().replace(/^# (?=[A-Z_]+=.)/gm, ''));
    expect(Object.keys(values).length).toBeGreaterThan(5);
    expect(() => loadConfig({ env: values, baseFolder: '/srv' })).not.toThrow();
  });
});

describe('describeSettings', () => {
  it('should have a row for every setting below its group and say that NAME_FILE works', () => {
    const text = describeSettings();
    for (const [name, setting] of Object.entries(settings)) {
      const row = text.indexOf(`| \`${name}\` |`);
      expect(row).toBeGreaterThan(text.indexOf(`\n## ${setting.group}\n`));
    }
    expect(text).toContain('NAME_FILE');
  });

  it('should keep a cell in its row when the text holds a bar', () => {
    const row = describeSettings({ A: { group: 'G', description: 'one|two' } })
      .split('\n')
      .at(-2);
    expect(row).toBe('| `A` |  | one\\|two |  |');
  });
});
