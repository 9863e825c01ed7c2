import { useEffect, useRef, useState } from 'preact/hooks';
import { type ChatEntry, deleteMessage, listMessages, sendMessage } from '#core/protocol/endpoints/rooms.ts';
import { operatedBox } from '../../page/api.ts';
import { useAct, usePolled } from '../box.ts';
import { Card, Confirm, Icon, Problem } from '../pieces.tsx';
import { clockTime, say } from '../say.ts';

/** The box's own room, in which viewers chat. */
const room = 'main';
const everyMs = 1_500;
const maxCharacters = 2_000;

/** What viewers say to each other: read, answered in the name of the box, deleted, and ended for who spoils it. */
export function ChatCard({ toast }: { toast: (text: string) => void }) {
  const { reply, problem: unread, again } = usePolled(listMessages, everyMs, { params: { room } });
  const [asking, setAsking] = useState<ChatEntry | null>(null);
  const { busy, problem, act } = useAct();
  const messages = reply?.messages ?? [];
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const newest = messages.at(-1)?.id;
  // New messages are followed, unless somebody reads further up.
  useEffect(() => {
    if (atEnd.current) list.current?.scrollTo(0, list.current.scrollHeight);
  }, [newest]);
  const remove = ({ id, from }: ChatEntry, ban: boolean): void => {
    setAsking(null);
    void act(async () => {
      await operatedBox.call(deleteMessage, {
        params: { room, message: id },
        query: ban ? { ban: 'true' } : {},
      });
      again();
      toast(ban ? say('chatBanned', { name: from.name }) : say('chatDeleted'));
    });
  };
  return (
    <Card heading={say('chat')} class="stack chat" id="chat">
      <ol
        class="messages"
        ref={list}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={say('chatMessages')}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {messages.length === 0 && <li class="quiet">{say('chatEmpty')}</li>}
        {messages.map((message) => (
          <li key={message.id}>
            <div class="grow">
              <p class="small">
                <bdi>
                  <strong>{message.from.name}</strong>
                </bdi>{' '}
                {message.byHost && <span class="badge">{say('host')}</span>}{' '}
                <time class="quiet" dateTime={message.sentAt}>
                  {clockTime(message.sentAt)}
                </time>
              </p>
              <p class="words" dir="auto">
                {message.text}
              </p>
            </div>
            <ChatButton
              icon="delete"
              label={say('chatDelete', { name: message.from.name })}
              disabled={busy}
              press={() => remove(message, false)}
            />
            {!message.byHost && (
              <ChatButton
                icon="ban"
                label={say('chatBan', { name: message.from.name })}
                disabled={busy}
                press={() => setAsking(message)}
              />
            )}
          </li>
        ))}
      </ol>
      <Problem of={problem ?? unread} />
      <Write again={again} />
      {asking && (
        <Confirm
          heading={say('chatBanHeading', { name: asking.from.name })}
          text={say('chatBanText')}
          yes={say('chatBanYes')}
          danger
          onYes={() => remove(asking, true)}
          onNo={() => setAsking(null)}
        />
      )}
    </Card>
  );
}

function ChatButton(props: { icon: string; label: string; disabled: boolean; press: () => void }) {
  const { icon, label, disabled, press } = props;
  return (
    <button
      type="button"
      class="button round plain"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={press}
    >
      <Icon name={icon} />
    </button>
  );
}

/** What was typed stays until the box has it. */
function Write({ again }: { again: () => void }) {
  const [typed, setTyped] = useState('');
  const { busy, problem, act } = useAct();
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const text = typed.trim();
    if (text === '' || busy) return;
    if (!(await act(() => operatedBox.call(sendMessage, { params: { room }, body: { text } })))) return;
    setTyped('');
    again();
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <div class="row nowrap">
        <label class="unseen" for="chat-text">
          {say('chatWrite')}
        </label>
        <input
          id="chat-text"
          class="input"
          dir="auto"
          autoComplete="off"
          enterKeyHint="send"
          maxLength={maxCharacters}
          placeholder={say('chatWrite')}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" class="button">
          {say('chatSend')}
        </button>
      </div>
      <Problem of={problem} />
    </form>
  );
}
