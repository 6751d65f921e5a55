# Two images from one build: docker build --target gateway . and docker build --target worker .
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /opt/pawvault
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
# Not below /app: that is where QwenPaw's volumes are mounted, at the paths that its own registry names.
WORKDIR /opt/pawvault
COPY --from=build /opt/pawvault/package.json ./
COPY --from=build /opt/pawvault/node_modules node_modules
USER node

FROM runtime AS gateway
COPY --from=build /opt/pawvault/dist/apps/gateway dist/apps/gateway
COPY --from=build /opt/pawvault/dist/apps/console dist/apps/console
EXPOSE 8210
CMD ["node", "dist/apps/gateway/main.js"]

FROM runtime AS worker
COPY --from=build /opt/pawvault/dist/apps/worker dist/apps/worker
CMD ["node", "--max-semi-space-size=4", "--optimize-for-size", "dist/apps/worker/main.js"]
