/** hls.js without subtitles, alternate audio and DRM, none of which a live camera has; same types. */
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
