/** What a newcomer needs to know, in lines. */
export function createBanner(issuer: string): string[] {
  return [
    `Tessera  ${issuer}`,
    `Docs     ${issuer}/docs`,
    `Keys     ${issuer}/.well-known/jwks.json`,
    'Next     npm run users -- create --username admin --admin && npm run clients -- create --name my-service --scope tokens:introspect',
  ];
}
