import { openDialog } from '../page/dialog.ts';
import { make, setText } from '../page/elements.ts';
import { type Language, type Say, speaker } from '../page/language.ts';
import type { Toasts } from '../page/toasts.ts';
import { type Browser, clientInfo, factsText, type PlayerFacts, severityOf } from './facts.ts';
import { isIssueType, issueTypes, reportIssue } from './report.ts';
import { tipsFor } from './tips.ts';
import { type HelpKey, helpWords } from './words.ts';

interface Options {
  language: Language;
  toasts: Toasts;
  facts: () => PlayerFacts;
  /** Watches over the steady connection from now on. */
  steady: () => void;
  streamId: string | null;
}

/** What to do when it stutters: what was measured, what helps, and a word to whoever runs the box. */
export function openHelp(options: Options): void {
  const say = speaker(helpWords, options.language);
  const facts = options.facts();
  const close = openDialog({
    heading: say('heading'),
    closeLabel: say('close'),
    content: [
      make(
        'div',
        { class: 'stack' },
        make(
          'div',
          { class: 'stack tips' },
          ...tips(say, facts, options.language).map((tip) => make('p', {}, tip)),
        ),
        steadyChoice(say, facts, () => {
          options.steady();
          close();
        }),
        options.streamId ? report(say, options, options.streamId, () => close()) : null,
      ),
    ],
  });
}

function tips(say: Say<HelpKey>, { stalls, measure, video }: PlayerFacts, language: Language): string[] {
  const { totalVideoFrames = 0, droppedVideoFrames = 0 } = video.getVideoPlaybackQuality?.() ?? {};
  const { count, stillMs } = stalls;
  const measured = { stalls, packetsLost: measure?.packetsLost ?? null };
  return tipsFor({ ...measured, frames: totalVideoFrames, droppedFrames: droppedVideoFrames }).map((tip) =>
    tip === 'stalled' ? say(tip, { count, seconds: seconds(stillMs, language) }) : say(tip),
  );
}

function seconds(ms: number, language: Language): string {
  return (ms / 1_000).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function steadyChoice(say: Say<HelpKey>, { way }: PlayerFacts, choose: () => void): HTMLElement {
  if (way === 'hls') return make('p', { class: 'quiet' }, say('isSteady'));
  const button = make('button', { type: 'button', class: 'button' }, say('steady'));
  button.addEventListener('click', choose);
  return make('div', { class: 'stack tips' }, make('p', {}, say('steadyTip')), make('div', {}, button));
}

function report(say: Say<HelpKey>, options: Options, streamId: string, close: () => void): HTMLFormElement {
  const choice = make(
    'select',
    { id: 'issue-type', class: 'input' },
    ...issueTypes.map((type) => make('option', { value: type }, say(type))),
  );
  const words = make('textarea', {
    id: 'issue-words',
    class: 'input',
    maxlength: 1_000,
    rows: 2,
    dir: 'auto',
  });
  const send = make('button', { type: 'submit', class: 'button primary' }, say('send'));
  // Beside what is pressed: while a dialog is open, nothing else of the page can be read.
  const refused = make('p', { class: 'wrong', role: 'alert' });
  const form = make(
    'form',
    { class: 'stack report' },
    make('h3', {}, say('tell')),
    make('div', { class: 'field' }, make('label', { for: 'issue-type' }, say('what')), choice),
    make('div', { class: 'field' }, make('label', { for: 'issue-words' }, say('words')), words),
    make('p', { class: 'quiet small' }, say('sends', { facts: factsText(options.facts()) })),
    refused,
    make('div', {}, send),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    // As it is now, not as it was when this was opened.
    const facts = options.facts();
    const reported = await reportIssue(streamId, {
      issue_type: isIssueType(choice.value) ? choice.value : 'other',
      severity: severityOf(facts.stalls),
      description: [words.value.trim(), factsText(facts)].filter(Boolean).join(' · '),
      client_info: clientInfo(
        navigator as Browser,
        facts.way,
        facts.measure?.bandwidthKbps ?? facts.measure?.bitrateKbps ?? null,
      ),
    });
    send.disabled = false;
    if (reported !== 'sent') {
      setText(refused, say(reported === 'too-many' ? 'tooMany' : 'notSent'));
      return;
    }
    close();
    options.toasts.say(say('sent'));
  });
  return form;
}
