import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../pieces.tsx';
import { lasted, say } from '../say.ts';

/** So many pictures show what is where. */
const pictures = 8;
const pictureWidth = 160;

/** Plays a recording, with pictures of its course to jump to. */
export function RecordingPlayer(props: {
  name: string;
  address: string;
  durationSeconds: number;
  close: () => void;
}) {
  const { name, address, durationSeconds, close } = props;
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  const jump = (seconds: number): void => {
    if (video.current) video.current.currentTime = seconds;
  };
  return (
    <Dialog heading={name} onClose={close}>
      <div class="stack tight player">
        <video
          ref={video}
          src={address}
          controls
          playsInline
          preload="metadata"
          aria-label={name}
          onError={() => setFailed(true)}
        >
          <track kind="captions" />
        </video>
        {failed && (
          <p class="wrong" role="alert">
            {say('recordingUnplayable')}
          </p>
        )}
        <Filmstrip address={address} durationSeconds={durationSeconds} jump={jump} />
        <div class="row end">
          <button type="button" class="button" onClick={close}>
            {say('close')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

/** Pictures from begin to end, taken by the browser: the box decodes nothing for them. */
function Filmstrip(props: { address: string; durationSeconds: number; jump: (seconds: number) => void }) {
  const { address, durationSeconds, jump } = props;
  const strip = useRef<HTMLDivElement>(null);
  const at = (index: number): number => (durationSeconds * (index + 0.5)) / pictures;
  // One video of its own looks through the file, from the first picture to the last.
  useEffect(() => {
    const canvases = [...(strip.current?.querySelectorAll('canvas') ?? [])];
    const seeker = document.createElement('video');
    seeker.muted = true;
    seeker.preload = 'auto';
    let index = 0;
    const seek = (): void => {
      if (index < canvases.length) seeker.currentTime = at(index);
      else end();
    };
    const end = (): void => {
      seeker.removeAttribute('src');
      seeker.load();
    };
    seeker.addEventListener('loadeddata', seek);
    seeker.addEventListener('seeked', () => {
      const canvas = canvases[index];
      if (canvas && seeker.videoWidth > 0) {
        canvas.height = Math.round((pictureWidth * seeker.videoHeight) / seeker.videoWidth);
        canvas.getContext('2d')?.drawImage(seeker, 0, 0, canvas.width, canvas.height);
        canvas.dataset.drawn = 'true';
      }
      index += 1;
      seek();
    });
    seeker.src = address;
    return end;
  }, [address]);
  return (
    <div class="filmstrip" ref={strip}>
      {Array.from({ length: pictures }, (_, index) => (
        <button
          key={index}
          type="button"
          aria-label={say('recordingJump', { time: lasted(at(index)) })}
          onClick={() => jump(at(index))}
        >
          <canvas width={pictureWidth} height={90} />
          <span class="small">{lasted(at(index))}</span>
        </button>
      ))}
    </div>
  );
}
