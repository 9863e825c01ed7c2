import type { SourceEntry } from '#core/domain/media.ts';
import { sourceName } from '../live/source-name.ts';
import { AddressField } from '../live/source-tiles.tsx';
import { Icon } from '../pieces.tsx';
import { say } from '../say.ts';

/** As many as the setting takes. */
const most = 8;

/**
 * What is shown in turn while the source delivers nothing: chosen by name, in an order that can be changed.
 * @param props.value of `video.fallback`: what `video.source` takes, too
 * @param props.main the source that it stands in for
 */
export function FallbackField(props: {
  list: readonly SourceEntry[];
  value: unknown;
  main: unknown;
  wrong: string | null;
  change: (value: readonly string[]) => void;
}) {
  const { list, main, wrong, change } = props;
  const chosen = Array.isArray(props.value) ? props.value.map(String) : [];
  const nameOf = (setting: string): string => {
    const source = list.find((each) => each.setting === setting) ?? list.find(({ id }) => id === setting);
    return source ? sourceName(source) : setting;
  };
  const others = list.filter(({ setting }) => setting !== main && !chosen.includes(setting));
  const earlier = (at: number): void => {
    const order = [...chosen];
    order.splice(at - 1, 2, chosen[at] ?? '', chosen[at - 1] ?? '');
    change(order);
  };
  const add = (setting: string): void => change([...chosen.filter((one) => one !== setting), setting]);
  return (
    <fieldset class="wide stack tight" id="setting-video-fallback" tabIndex={-1}>
      <legend class="strong">{say('fallback')}</legend>
      <p class="small quiet">{say('fallbackHelp')}</p>
      {chosen.length > 0 && (
        <ol class="list">
          {chosen.map((setting, at) => (
            <li key={setting}>
              <span class="figure quiet">{at + 1}.</span>
              <span class="grow">{nameOf(setting)}</span>
              {at > 0 && (
                <button type="button" class="button" onClick={() => earlier(at)}>
                  {say('fallbackEarlier')}
                  <span class="unseen"> {nameOf(setting)}</span>
                </button>
              )}
              <button
                type="button"
                class="button round plain"
                aria-label={`${say('remove')} ${nameOf(setting)}`}
                onClick={() => change(chosen.filter((one) => one !== setting))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ol>
      )}
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      {chosen.length < most && (
        <>
          <div class="field">
            <label for="fallback-add">{say('fallbackAdd')}</label>
            <select
              id="fallback-add"
              class="input"
              value=""
              onChange={({ currentTarget }) => {
                if (currentTarget.value !== '') add(currentTarget.value);
                currentTarget.value = '';
              }}
            >
              <option value="">{say('fallbackChoose')}</option>
              {others.map((source) => (
                <option key={source.id} value={source.setting}>
                  {sourceName(source)}
                </option>
              ))}
            </select>
          </div>
          <details>
            <summary>{say('sourceElsewhere')}</summary>
            <AddressField id="fallback-address" choose={add} />
          </details>
        </>
      )}
    </fieldset>
  );
}
