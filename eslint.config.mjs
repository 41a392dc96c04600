import tseslint from 'typescript-eslint';
import { unwantedWord } from './scripts/word-list.mjs';

/** Keeps words out of strings, which people may read, that scripts/word-list.mjs names. */
const wording = {
  create: (context) => {
    const check = (node, text) => {
      const word = unwantedWord(text);
      if (word !== undefined)
        context.report({ node, message: `"${word.found}": write ${word.instead} instead.` });
    };
    return {
      Literal: (node) => typeof node.value === 'string' && check(node, node.value),
      TemplateElement: (node) => check(node, node.value.raw),
    };
  },
};

export default tseslint.config(
  { ignores: ['lib/', 'node_modules/', 'cdktf.out/', '.cache/', 'coverage/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/runtime/report/formats/html-page/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'templates/**/*.ts'],
    plugins: { project: { rules: { wording } } },
    rules: {
      'project/wording': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "PropertyDefinition[accessibility='private'], MethodDefinition[accessibility='private'][kind!='constructor'], TSParameterProperty[accessibility='private']",
          message: 'Write #name: it is private at run time, too.',
        },
      ],
    },
  },
  {
    // As in the framework, a property is set to a value and read as a reference; `addInputs` adds what an interface of the
    // same name as a class declares.
    files: ['src/constructs/*.ts'],
    rules: {
      '@typescript-eslint/related-getter-setter-pairs': 'off',
      '@typescript-eslint/no-unsafe-declaration-merging': 'off',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "Property[key.name='numRuns'] > Literal",
          message: 'Write many(…) of test/support/random, so that the soak tries more values.',
        },
      ],
    },
  },
);
