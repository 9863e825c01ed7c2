/** An offer that can't be answered; the message is a sentence for whoever sent it. */
export class OfferError extends Error {
  override name = 'OfferError';
}
