import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_kp_clientAuth,
  id_kp_serverAuth,
} from '@peculiar/asn1-x509';

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A key and its self-signed certificate, good for one run. */
export interface Identity {
  /** PKCS 8, PEM. */
  readonly privateKey: Buffer;
  /** X.509, PEM. */
  readonly certificate: Buffer;
  /** The same certificate as the handshake line carries it: base64 of its DER without padding. */
  readonly certificateField: string;
}

/** What a certificate may be shown for: by who is connected to, or by who connects. */
const usages = { server: id_kp_serverAuth, client: id_kp_clientAuth };

/**
 * Makes a certificate for connections of this machine with itself. Terraform pins the provider's, which must name
 * `localhost` and allow server authentication; a local broker with TLS shows one to its own servers.
 * Node can make keys and signatures, so only the X.509 structure comes from a library.
 * @param end until when it is good; default 30 days, which is far because a run may wait for approval for long.
 */
export function createIdentity(
  usage: keyof typeof usages = 'server',
  end = new Date(Date.now() + 30 * DAY),
): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = new Name([
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({
        type: COMMON_NAME,
        value: new AttributeValue({ utf8String: 'localhost' }),
      }),
    ]),
  ]);
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: positiveInteger(randomBytes(16)),
    signature: signatureAlgorithm,
    issuer: name,
    subject: name,
    // A little in the past, for clocks that differ.
    validity: new Validity({ notBefore: new Date(Date.now() - HOUR), notAfter: end }),
    subjectPublicKeyInfo: AsnConvert.parse(
      publicKey.export({ type: 'spki', format: 'der' }),
      SubjectPublicKeyInfo,
    ),
    extensions: new Extensions([
      extension(
        id_ce_subjectAltName,
        new SubjectAlternativeName([new GeneralName({ dNSName: 'localhost' })]),
      ),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([usages[usage]])),
    ]),
  });
  const signatureValue = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), privateKey);
  const der = Buffer.from(
    AsnConvert.serialize(
      new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue: exactBuffer(signatureValue) }),
    ),
  );
  const base64 = der.toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    privateKey: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate: Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`),
    certificateField: base64.replace(/=+$/, ''),
  };
}

function extension(id: string, value: object): Extension {
  return new Extension({ extnID: id, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** A serial number has to be positive and written without leading zeros. */
function positiveInteger(random: Buffer): ArrayBuffer {
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x40;
  return exactBuffer(random);
}

/** Small buffers of Node share one pool; the library wants an ArrayBuffer that holds these bytes only. */
function exactBuffer(buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer;
}
