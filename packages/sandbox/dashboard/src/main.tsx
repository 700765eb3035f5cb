import { render } from 'preact';
import { App } from './app.tsx';
import { startPreferences } from './lib/preferences.ts';
import { startRouter } from './lib/router.ts';
import { startSandbox } from './lib/sandbox.ts';
import { startShortcuts } from './lib/shortcuts.ts';
import { connect } from './lib/stream.ts';
import { startToasts } from './lib/toasts.ts';

const root = document.querySelector('#app');
if (root === null) throw new Error('The page has no #app.');

startPreferences();
startRouter();
startSandbox();
startShortcuts();
startToasts();
connect();
render(<App />, root);
