/** Members of the contract that are URLs of this server. As written they are relative, since the file does not know it. */
const members = ['url', 'tokenUrl', 'refreshUrl'];

export type Contract = { readonly document: object; readonly yaml: string };

/**
 * The contract with the URLs of the server whose issuer this is. Programs have it from elsewhere, or from below a path, and would
 * take `/token` for a path of their own: so does the form of Swagger UI.
 */
export function placeContract({ document, yaml }: Contract, issuer: string): Contract {
  const line = new RegExp(`^( *(?:- )?(?:${members.join('|')}): )(/\\S*)$`, 'gm');
  return {
    document: JSON.parse(JSON.stringify(document), (name, value: unknown) =>
      members.includes(name) && typeof value === 'string' && value.startsWith('/') ? place(value) : value,
    ) as object,
    yaml: yaml.replaceAll(line, (_, before: string, path: string) => before + place(path)),
  };

  function place(path: string): string {
    return path === '/' ? issuer : issuer + path;
  }
}
