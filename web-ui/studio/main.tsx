import './studio.css';
import { render } from 'preact';
import { element } from '../page/elements.ts';
import { App } from './app.tsx';

render(<App />, element('studio', HTMLDivElement));
