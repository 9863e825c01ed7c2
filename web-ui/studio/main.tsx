import './studio.css';
import { render } from 'preact';
import { element } from '../page/elements.ts';
import { localize } from '../page/language.ts';
import { Toasts } from '../page/toasts.ts';
import { App } from './app.tsx';
import { language, say } from './say.ts';
import { studioWords } from './words/studio-words.ts';

localize(document, studioWords, language);
document.title = say('title');
render(<App toasts={new Toasts(document.body, say('close'))} />, element('studio', HTMLDivElement));
