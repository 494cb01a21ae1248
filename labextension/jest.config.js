module.exports = {
  testEnvironment: 'jsdom',
  roots: ['<rootDir>/src'],
  testRegex: '/__tests__/.*\\.test\\.tsx?$',
  transform: {
    '\\.[jt]sx?$': [
      'ts-jest',
      { diagnostics: false, tsconfig: 'tsconfig.test.json' }
    ]
  },
  // Lumino and the packages that we use here are ES modules.
  transformIgnorePatterns: ['/node_modules/(?!(@lumino|@dagrejs|@codemirror|@marijn)/)']
};
