/** So long is the button down at least for a long press, which pairs. */
export const longPressMs = 3_000;
