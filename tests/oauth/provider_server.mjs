// oidc-provider with a user who consents to everything at once. Usage: node provider_server.mjs LIFE
// LIFE is the lifetime of access tokens in seconds. It prints its URL, and ends when its standard input is closed.
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';

const life = Number(process.argv[2]);
const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const key = (kind, options, alg) => {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: 'jwk' }), kid: alg, use: 'sig' };
};

// Resources whose access tokens are JWTs, with the algorithm at the end.
const signed = 'https://shop.example.com/';

const provider = new Provider(issuer, {
  jwks: {
    keys: [
      key('rsa', { modulusLength: 2048 }, 'rsa'),
      key('ec', { namedCurve: 'P-256' }, 'p256'),
      key('ec', { namedCurve: 'P-384' }, 'p384'),
      key('ed25519', {}, 'ed'),
    ],
  },
  clients: [
    {
      client_id: 'native',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
    {
      // A client id and a secret that are percent-encoded in the Authorization header.
      client_id: 'a robot',
      client_secret: 'canary s3cret:%+/=',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
  scopes: ['openid', 'offline_access', 'books.read', 'books.write'],
  rotateRefreshToken: true,
  ttl: { AccessToken: life, ClientCredentials: life },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    registration: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource) => {
        if (resource.startsWith(signed)) {
          const jwt = { sign: { alg: resource.slice(signed.length) } };
          return { scope: 'books.read books.write', accessTokenFormat: 'jwt', jwt, accessTokenTTL: life };
        }
        // MCP servers of tests.
        if (resource.startsWith('http://127.0.0.1:')) {
          return { scope: 'books.read', accessTokenFormat: 'opaque', accessTokenTTL: life };
        }
        if (resource !== 'https://books.example.com') throw new Error(`nobody knows ${resource}`);
        return { scope: 'books.read books.write', accessTokenFormat: 'opaque', accessTokenTTL: life };
      },
    },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

async function consent(req, res) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
  if (prompt.name === 'login') {
    const accountId = params.login_hint ?? 'reader';
    return provider.interactionFinished(req, res, { login: { accountId } });
  }
  const known = grantId && (await provider.Grant.find(grantId));
  const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return provider.interactionFinished(
    req,
    res,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
}

const callback = provider.callback();
server.on('request', (req, res) => {
  if (!req.url.startsWith('/interaction/')) return callback(req, res);
  return consent(req, res).catch((error) => res.writeHead(500).end(String(error)));
});
process.stdin.resume().on('end', () => process.exit(0));
console.log(issuer);
