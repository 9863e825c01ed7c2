/** One image file, as far as Raspberry Pi Imager wants to know it. */
export interface ImageFile {
  version: string;
  flavour: 'debian' | 'raspios';
  /** Names of firmware/boards. */
  boards: readonly string[];
  /** Where the compressed file is: an http, https or file URL. */
  url: string;
  /** Of the image as it is on the card. */
  extractSize: number;
  extractSha256: string;
  /** Of the compressed file. */
  downloadSize: number;
  downloadSha256: string;
  /** Seconds since 1970. */
  date: number;
}

/** A repository as Raspberry Pi Imager reads it (`os_list` of its version 4 format). */
export interface ImagerRepository {
  os_list: {
    name: string;
    description: string;
    icon: string;
    website: string;
    url: string;
    extract_size: number;
    extract_sha256: string;
    image_download_size: number;
    image_download_sha256: string;
    release_date: string;
    devices: string[];
    init_format: 'none';
  }[];
}

/** The Imager's names of the boards. */
const devicesOf: Readonly<Record<string, string>> = {
  'pi-zero-2-w': 'pi3-64bit',
  'pi-3': 'pi3-64bit',
  'pi-4': 'pi4-64bit',
  'pi-5': 'pi5-64bit',
};

const icon = `data:image/svg+xml;base64,${Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="8" fill="#222"/><circle cx="20" cy="20" r="10" fill="#e22"/></svg>',
).toString('base64')}`;

/**
 * Describes an image to Raspberry Pi Imager. `init_format` says that the Imager's own customisation is not for this
 * image: onair.toml on the boot partition is.
 */
export function imagerRepository(image: ImageFile): ImagerRepository {
  return {
    os_list: [
      {
        name: `Onair ${image.version}`,
        description:
          image.flavour === 'raspios'
            ? 'Press the button, and everybody on the network watches'
            : 'Press the button, and everybody on the network watches (USB cameras)',
        icon,
        website: 'http://onair.local',
        url: image.url,
        extract_size: image.extractSize,
        extract_sha256: image.extractSha256,
        image_download_size: image.downloadSize,
        image_download_sha256: image.downloadSha256,
        release_date: new Date(image.date * 1000).toISOString().slice(0, 10),
        devices: [...new Set(image.boards.map((board) => devicesOf[board] ?? board))],
        init_format: 'none',
      },
    ],
  };
}
