import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { applyStoredTheme } from './components/theme-toggle.tsx';

applyStoredTheme();
const container = document.getElementById('root');
if (container === null) throw new Error('The page has no #root element.');
createRoot(container).render(<App />);
