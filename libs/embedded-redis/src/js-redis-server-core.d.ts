// The package describes this entry through `exports`, which TypeScript's node10 resolution does not read.
declare module 'js-redis-server/core' {
  export { createRedisCommandExecutor, RedisServerState, Resp2Server } from 'js-redis-server/dist/core';
}
