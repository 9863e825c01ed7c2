/** An offer that can't be answered; the message is a sentence for its sender. */
export class OfferError extends Error {
  override name = 'OfferError';
}
