// the configuration that `nest new` writes, without a word about @talo: no transformIgnorePatterns, no moduleNameMapper
module.exports = {
  moduleFileExtensions: ['js', 'json', 'ts'],
  testRegex: '.*\\.spec\\.ts$',
  transform: { '^.+\\.(t|j)s$': 'ts-jest' },
  testEnvironment: 'node',
};
