module.exports = { displayName: 'archive', preset: '../../jest.preset.js' };
