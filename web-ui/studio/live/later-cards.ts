export { CameraCard } from './camera-card.tsx';
export { OverlayCard } from './overlay-card.tsx';
