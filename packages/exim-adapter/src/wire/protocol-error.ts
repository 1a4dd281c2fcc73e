/** The peer sent bytes that are not the protocol. The connection must be closed; nothing else is harmed. */
export class ProtocolError extends SyntaxError {
  override readonly name = "ProtocolError";
}
