module.exports = { displayName: 'durable-fs', preset: '../../jest.preset.js' };
