import config from '/work/w-node/rollup.config.mjs';
export default config.filter(c => String(c.input).includes('src/node/'));
