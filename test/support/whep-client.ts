import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What GStreamer's WebRTC client saw of one session. */
export interface WhepClientReport {
  /** Pictures and sound buffers decoded, and how many pictures differed. */
  frames: number;
  different: number;
  sound: number;
  width: number;
  height: number;
  offeredCandidates: number;
  answeredCandidates: number;
  /** The status of each PATCH. */
  trickled: number[];
  deleted: number;
  deletedAgain: number;
  problem: string | null;
}

/**
 * Watches with GStreamer's webrtcbin until `frames` pictures are decoded.
 * @returns a sentence where that client can't run on this machine
 */
export async function watchWithGstreamer(
  url: string,
  options: { frames: number; mode: 'gather' | 'trickle' },
): Promise<WhepClientReport | string> {
  const script = fileURLToPath(new URL('whep-client.py', import.meta.url));
  const args = [script, url, String(options.frames), '60', options.mode];
  return await new Promise((resolve, reject) => {
    execFile('/usr/bin/python3', args, { timeout: 80_000 }, (error, stdout, stderr) => {
      if (error && (error.code === 77 || error.code === 'ENOENT')) {
        resolve(stderr.trim() || '/usr/bin/python3 is not here');
        return;
      }
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`the WHEP client ended with ${error?.code ?? 0}: ${stdout} ${stderr}`));
      }
    });
  });
}
