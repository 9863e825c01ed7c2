import type { EventHub } from '#core/domain/event-hub.ts';

/** The next event of a hub that satisfies. */
export function heard<Events extends Record<string, unknown>, Name extends keyof Events>(
  hub: EventHub<Events>,
  name: Name,
  satisfied: (event: Events[Name]) => boolean = () => true,
): Promise<Events[Name]> {
  return new Promise((resolve) => {
    const end = hub.on(name, (event) => {
      if (!satisfied(event)) return;
      end();
      resolve(event);
    });
  });
}
