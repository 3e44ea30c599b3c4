import { useState } from 'react';

import { strings } from '../strings.ts';
import { IconButton } from './button.tsx';
import { MoonIcon, SunIcon } from './icons.tsx';
import { useMediaQuery } from './use-browser.ts';

type Theme = 'light' | 'dark';

const storageKey = 'wwhd-theme';
const darkQuery = '(prefers-color-scheme: dark)';

/** Sets the theme that the visitor chose last, before anything is drawn; without a choice the system decides. */
export function applyStoredTheme(): void {
  const stored = readStoredTheme();
  if (stored !== null) document.documentElement.dataset['theme'] = stored;
}

function readStoredTheme(): Theme | null {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === 'light' || stored === 'dark' ? stored : null;
  } catch {
    return null;
  }
}

/** A button that changes between light and dark; what it chooses outlives the visit. */
export function ThemeToggle() {
  const isSystemDark = useMediaQuery(darkQuery);
  const [chosen, setChosen] = useState(readStoredTheme);
  const isDark = (chosen ?? (isSystemDark ? 'dark' : 'light')) === 'dark';
  const toggle = () => {
    const theme = isDark ? 'light' : 'dark';
    setChosen(theme);
    document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(storageKey, theme);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  };
  return (
    <IconButton label={isDark ? strings.theme.toLight : strings.theme.toDark} onClick={toggle}>
      {isDark ? <SunIcon /> : <MoonIcon />}
    </IconButton>
  );
}
