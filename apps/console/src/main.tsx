import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './shell/page.css';
import { createRoot } from 'react-dom/client';
import { startI18n } from './i18n/start-i18n';
import { App } from './shell/app';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
void startI18n().then(() => createRoot(root).render(<App />));
