// These packages ship no types. What we use of them is described beside its only user, as an interface.
declare module 'tablestore' {
  const sdk: unknown;
  export = sdk;
}
declare module '@alicloud/mns' {
  const client: unknown;
  export = client;
}
declare module '@alicloud/fc2' {
  const client: unknown;
  export = client;
}
