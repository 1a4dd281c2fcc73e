/** The peer violated the protocol. Its connection must be closed; nothing else is affected. */
export class ProtocolError extends SyntaxError {
  override readonly name = "ProtocolError";
}
