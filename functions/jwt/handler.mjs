/**
 * Signs JSON Web Tokens and verifies them again, with HS256 and with ES256.
 *
 * The keys are the published examples of RFC 7515, appendices A.1 and A.3: known to everyone, and good for this only.
 */
import { importJWK, jwtVerify, SignJWT } from "jose";

const SECRET = await importJWK(
  {
    kty: "oct",
    k: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
  },
  "HS256",
);
const POINT = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
};
const PRIVATE = await importJWK({ ...POINT, d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" }, "ES256");
const PUBLIC = await importJWK(POINT, "ES256");

/** @param {{ tokens: number, issuer: string, subject: string, issuedAt: number }} event */
export const handler = async (event) => {
  const hs256 = [];
  const es256 = [];
  let verified = 0;
  for (let number = 0; number < event.tokens; number++) {
    hs256.push(await sign(event, number, "HS256", SECRET));
    es256.push(await sign(event, number, "ES256", PRIVATE));
    if (await isGenuine(event, number, hs256[number] ?? "", SECRET)) verified += 1;
    if (await isGenuine(event, number, es256[number] ?? "", PUBLIC)) verified += 1;
  }
  return { verified, hs256, es256 };
};

/**
 * @param {{ issuer: string, subject: string, issuedAt: number }} event
 * @param {number} number
 * @param {string} algorithm
 * @param {Awaited<ReturnType<typeof importJWK>>} key
 */
const sign = ({ issuer, subject, issuedAt }, number, algorithm, key) =>
  new SignJWT({ number, roles: ["reader", "writer"] })
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 3600)
    .sign(key);

/**
 * @param {{ issuer: string, subject: string, issuedAt: number }} event
 * @param {number} number
 * @param {string} token
 * @param {Awaited<ReturnType<typeof importJWK>>} key
 */
async function isGenuine({ issuer, subject, issuedAt }, number, token, key) {
  const currentDate = new Date((issuedAt + 60) * 1000);
  const { payload } = await jwtVerify(token, key, { issuer, subject, currentDate });
  return payload["number"] === number;
}
