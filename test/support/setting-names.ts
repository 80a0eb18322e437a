import { readConfig } from '../../src/config/config.ts';

/** The names of all settings: what the configuration asks the environment for. */
export function settingNames(): string[] {
  const names = new Set<string>();
  const nothing = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => {
        if (typeof name === 'string') names.add(name);
        return undefined;
      },
    },
  );
  readConfig(nothing);
  return [...names];
}
