import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `make app PORT=…`: the app of the checkout, live, against what `make up` runs on that first port.
const laptop = `http://127.0.0.1:${Number(process.env.PORT ?? 4566) + 6}`;

export default defineConfig({
  plugins: [react()],
  // Libraries that look for Node's global object.
  define: { global: 'globalThis' },
  build: {
    outDir: '../../build/web',
    emptyOutDir: true,
    target: ['chrome109', 'safari16', 'firefox115'],
    modulePreload: { polyfill: false },
    // Nothing inline: the page's policy allows files of its own alone.
    assetsInlineLimit: 0,
    // The first view in two files, not one for each module that a later page uses too: each is a request more before anything is seen.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'libraries', tags: ['$initial'], test: /node_modules/ }, { name: 'app', tags: ['$initial'] }] },
      },
    },
  },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/config.json': laptop } },
});
