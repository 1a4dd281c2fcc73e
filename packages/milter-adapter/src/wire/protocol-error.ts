/** The peer sent bytes that are not the protocol. The connection must be closed; nothing else is harmed. */
export class ProtocolError extends SyntaxError {
  override readonly name = "ProtocolError";
  /** Where the error began, as far as it is known. */
  readonly bytes: Uint8Array | undefined;

  constructor(message: string, bytes?: Uint8Array) {
    super(message);
    this.bytes = bytes;
  }
}
