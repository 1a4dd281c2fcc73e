import type { MilterConnection } from "./milter-filter.ts";

import type { MacroStore } from "./wire/macros.ts";

/** Tells the port of encryption and login when the macros first show them, and when they change. */
export class SecurityFacts {
  #tlsVersion: string | undefined;
  #user: string | undefined;

  /** `{tls_version}` comes with the EHLO after STARTTLS. */
  tellTls(connection: MilterConnection, macros: MacroStore): void {
    const version = macros.get("tls_version");
    if (!version || version === this.#tlsVersion) return;
    this.#tlsVersion = version;
    connection.secured({ version });
  }

  /** A login is known from MAIL on: by its name, or at least by its mechanism. */
  tellUser(connection: MilterConnection, macros: MacroStore): void {
    const user = macros.get("auth_authen") || macros.get("auth_type");
    if (!user || user === this.#user) return;
    this.#user = user;
    connection.authenticated(user);
  }
}
