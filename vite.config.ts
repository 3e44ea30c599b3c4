import { join } from 'node:path';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** The first paint waits for the script, which knows the theme that the visitor chose; Vite drops the attribute. */
function blockRenderOnScript(): Plugin {
  return {
    name: 'block-render-on-script',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  };
}

/** The page: src/web is built to dist/web with hashed assets and no inline script, so that a strict CSP holds. */
export default defineConfig({
  root: join(import.meta.dirname, 'src', 'web'),
  base: '/',
  plugins: [react(), tailwindcss(), blockRenderOnScript()],
  build: {
    outDir: join(import.meta.dirname, 'dist', 'web'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
  },
});
