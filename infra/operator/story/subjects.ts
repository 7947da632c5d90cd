/** `@10.0.0.1` of a backend that has an address of its own; `''` of any other. */
export function addressIn(subject: string): string {
  const { server } = partsOf(subject);
  return server.includes('@') ? server.slice(server.indexOf('@')) : '';
}

/** The parts of `backend:<group>/<server>:<port>`; the address of a server is with it. */
export function partsOf(subject: string): { group: string; server: string; port: number } {
  const [, group = '', server = subject, port = ''] = /^backend:([^/]+)\/(.+):(\d+)$/.exec(subject) ?? [];
  return { group, server, port: Number(port) };
}
