import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { RequiredProvider } from '../../src/constructs/framework';
import { LOCK_FILE, mergeLockFile } from '../../src/constructs/lock-file';
import { lockedProviders, withLockedProvider } from '../../src/constructs/lock-text';
import { fixtureManifest } from './support/fixture-package';
import { scratch } from './support/stack';
import { many } from '../support/random';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const own = `provider "npm.invalid/cdktf-memphis/memphis" {
  version     = "1.2.3"
  constraints = "1.2.3"
  hashes = [
    "${fixtureManifest.h1}",
  ]
}`;

function bare(address: string, version: string): string {
  return `provider "${address}" {\n  version     = "${version}"\n  constraints = "${version}"\n}`;
}

const written = '# Written at synth by cdktf-memphis; "terraform init" adds to it.';
const maintained = '# This file is maintained automatically by "terraform init".';
const nullByTerraform = `provider "registry.terraform.io/hashicorp/null" {
  version     = "3.2.4"
  constraints = "3.2.4"
  hashes = [
    "h1:abc{}[]",
    "zh:123",
  ]
}`;

/** The lock file after one synth, from the text that was there before. */
function merged(before: string | undefined, required: readonly RequiredProvider[] = []): string {
  const directory = scratch();
  const path = join(directory, LOCK_FILE);
  if (before !== undefined) writeFileSync(path, before);
  mergeLockFile(directory, fixtureManifest, required);
  return readFileSync(path, 'utf8');
}

interface Case {
  readonly because: string;
  readonly before?: string;
  readonly required?: readonly RequiredProvider[];
  readonly after: string;
}

const cases: Case[] = [
  { because: 'no file: our entry alone', after: `${written}\n\n${own}\n` },
  { because: 'an empty file is the same as none', before: '', after: `${written}\n\n${own}\n` },
  {
    because: 'our own entry of another version, with another hash, is replaced where it stands',
    before: `${maintained}\n\n${own.replaceAll('1.2.3', '1.0.0').replace('h1:', 'h1:old')}\n\n${nullByTerraform}\n`,
    after: `${maintained}\n\n${own}\n\n${nullByTerraform}\n`,
  },
  {
    because: 'entries of others stay byte for byte, brackets in texts and comments included',
    before: `${maintained}\n# provider "x" {\n/* } */\n${nullByTerraform} // end\n`,
    after: `${maintained}\n# provider "x" {\n/* } */\n${own}\n\n${nullByTerraform} // end\n`,
  },
  {
    because: 'a second block for us, which Terraform refuses, goes away',
    before: `${own}\n\n${nullByTerraform}\n\n${own}\n`,
    after: `${own}\n\n${nullByTerraform}\n\n`,
  },
  {
    because: 'another provider with an exact version gets an entry without hashes, under both default hosts',
    required: [{ source: 'null', version: '3.2.4' }],
    after: [
      written,
      own,
      bare('registry.opentofu.org/hashicorp/null', '3.2.4'),
      `${bare('registry.terraform.io/hashicorp/null', '3.2.4')}\n`,
    ].join('\n\n'),
  },
  {
    because: 'an entry of Terraform is never overwritten, even when the stack asks for another version',
    before: `${nullByTerraform}\n`,
    required: [{ source: 'hashicorp/null', version: '3.2.5' }],
    after: [own, bare('registry.opentofu.org/hashicorp/null', '3.2.5'), `${nullByTerraform}\n`].join('\n\n'),
  },
  {
    because: 'a source with a host has that host only; "= 1.0.0" is exact as well',
    required: [{ source: 'Example.com/Acme/Thing', version: '= 1.0.0' }],
    after: `${written}\n\n${bare('example.com/acme/thing', '1.0.0')}\n\n${own}\n`,
  },
  {
    because: 'a range is for Terraform to decide',
    required: [
      { source: 'a/range', version: '~> 1.0' },
      { source: 'a/two', version: '1.0.0, < 2' },
      { source: 'a/short', version: '1.0' },
    ],
    after: `${written}\n\n${own}\n`,
  },
  {
    because: 'two providers of one source need one entry; our own is never bare',
    required: [
      { source: 'h.example/a/b', version: '1.0.0' },
      { source: 'h.example/a/b', version: '1.0.0' },
      { source: fixtureManifest.address, version: '1.2.3' },
    ],
    after: `${written}\n\n${bare('h.example/a/b', '1.0.0')}\n\n${own}\n`,
  },
];

describe('lock file', () => {
  test.each(cases)('$because', ({ before, required, after }) => {
    expect(merged(before, required)).toBe(after);
  });

  test.each(cases)('a second synth changes nothing: $because', ({ before, required }) => {
    const once = merged(before, required);
    expect(merged(once, required)).toBe(once);
  });

  test.each([
    ['a bracket that is never closed', `${nullByTerraform}\nprovider "a/b/c" {\n`, 'line 9'],
    ['a bracket that closes nothing', '\n}\n', 'line 2'],
    ['a quote that is never closed', 'provider "a/b/c {\n}\n', 'line 1'],
  ])('%s: an error that says where, and the file is left alone', (found, before, line) => {
    const directory = scratch();
    writeFileSync(join(directory, LOCK_FILE), before);
    expect(() => mergeLockFile(directory, fixtureManifest, [])).toThrow(`${line} has ${found}`);
    expect(readFileSync(join(directory, LOCK_FILE), 'utf8')).toBe(before);
  });

  test('windows line ends of another tool are kept', () => {
    const before = `${nullByTerraform}\n`.replaceAll('\n', '\r\n');
    expect(merged(before)).toContain(before.trimEnd());
    expect(lockedProviders(merged(before)).map(({ address }) => address)).toEqual([
      fixtureManifest.address,
      'registry.terraform.io/hashicorp/null',
    ]);
  });

  test('entries in any order end up sorted by address, each exactly once', () => {
    const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const provider = fc.record({
      address: letter.map((name) => `h.example/x/${name}`),
      version: fc.constantFrom('1.0.0', '2.0.0'),
      hashes: fc.subarray(['h1:a{', 'h1:b]', 'zh:"'.slice(0, 3)]),
    });
    fc.assert(
      fc.property(fc.array(provider, { maxLength: 8 }), (providers) => {
        const text = providers.reduce(withLockedProvider, '');
        const addresses = [...new Set(providers.map(({ address }) => address))].sort();
        expect(lockedProviders(text).map(({ address }) => address)).toEqual(addresses);
      }),
      { numRuns: many(200) },
    );
  });
});
