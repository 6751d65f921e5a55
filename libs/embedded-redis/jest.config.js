module.exports = { displayName: 'embedded-redis', preset: '../../jest.preset.js' };
