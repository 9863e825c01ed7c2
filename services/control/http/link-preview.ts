import type { BroadcastState } from '#core/domain/broadcast-state.ts';
import type { Settings } from '#core/domain/settings.ts';
import { getSnapshot } from '#core/protocol/endpoints/snapshot.ts';

/** What programs show where somebody pastes the address of the page (Open Graph, https://ogp.me). */
export interface LinkPreview {
  title: string;
  description: string;
  /** There is a picture that everybody may see. */
  pictured: boolean;
}

export function previewOf({ broadcast, device, viewing }: Settings, state: BroadcastState): LinkPreview {
  return {
    title: /^(live)?$/i.test(broadcast.title) ? device.name : broadcast.title,
    description: broadcast.description,
    pictured: state === 'live' && viewing.access === 'open',
  };
}

/** What stands in index.html for it. */
export const previewMark = '<meta name="description" content="Watch this broadcast live" />';

/** Shown off air, and where watching takes a PIN. */
const iconPath = '/icon-512.png';
const pictureWidth = 1_280;

/**
 * The tags of a preview, in place of `previewMark`. Addresses are whole ones: few programs resolve others.
 * @param origin "http://onair.local"
 */
export function previewTags({ title, description, pictured }: LinkPreview, origin: string): string {
  const image = pictured ? `${getSnapshot.path}?width=${pictureWidth}` : iconPath;
  const text = description === '' ? 'Watch this broadcast live' : description;
  const tags = [
    ['name', 'description', text],
    ['property', 'og:type', 'website'],
    ['property', 'og:title', title],
    ['property', 'og:description', text],
    ['property', 'og:url', `${origin}/`],
    ['property', 'og:image', `${origin}${image}`],
    ['name', 'twitter:card', pictured ? 'summary_large_image' : 'summary'],
  ] as const;
  return tags.map(([kind, name, value]) => `<meta ${kind}="${name}" content="${escaped(value)}" />`).join('');
}

/** In an attribute with double quotes. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
