# Two images from one build: docker build --target gateway . and docker build --target worker .   (tools/build-images.sh does both)
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /opt/pawvault
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# What starts several processes is no part of an image; what remains beside the worker is the gateway and what it serves.
RUN npm run build \
  && rm -rf dist/apps/standalone dist/apps/demo \
  && mkdir -p image/worker/dist/apps image/gateway/dist \
  && mv dist/apps/worker image/worker/dist/apps/ \
  && mv dist/apps image/gateway/dist/ \
  && npm prune --omit=dev \
  && rm -rf node_modules/@libsql/*-musl \
  && find node_modules -type f '(' -name '*.map' -o -name '*.d.*ts' -o -name '*.d.ts' ')' -delete

FROM ${NODE_IMAGE} AS runtime
# tini reaps what a quiesce command leaves behind, and passes signals on.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
# The directories are those of QwenPaw's image, since its registry holds absolute paths.
ENV NODE_ENV=production \
  NODE_OPTIONS=--enable-source-maps \
  QWENPAW_WORKING_DIR=/app/working \
  QWENPAW_SECRET_DIR=/app/working.secret \
  QWENPAW_BACKUP_DIR=/app/working.backups
# Not below /app, where the volumes are mounted.
WORKDIR /opt/pawvault
COPY --from=build /opt/pawvault/package.json /opt/pawvault/LICENSE /opt/pawvault/tools/probe.mjs ./
COPY --from=build /opt/pawvault/node_modules node_modules
# A number, so that Kubernetes can see that it is not root. Nothing in the image belongs to it: the root file system may be read-only.
USER 1000:1000
ENTRYPOINT ["tini", "--"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="PawVault" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"

FROM runtime AS gateway
LABEL org.opencontainers.image.title="pawvault-gateway" \
  org.opencontainers.image.description="Backups of QwenPaw: API and console"
COPY --from=build /opt/pawvault/image/gateway ./
ENV PAWVAULT_HOST=0.0.0.0 PAWVAULT_PORT=8210
EXPOSE 8210
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "probe.mjs", "PAWVAULT_PORT", "/api/v1/health/live"]
CMD ["node", "--max-semi-space-size=8", "dist/apps/gateway/main.js"]

FROM runtime AS worker
LABEL org.opencontainers.image.title="pawvault-worker" \
  org.opencontainers.image.description="Backups of QwenPaw: takes and restores them"
COPY --from=build /opt/pawvault/image/worker ./
# util-linux, which takes the lock that QwenPaw respects
RUN command -v flock
ENV PAWVAULT_WORKER_PORT=8211
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "probe.mjs", "PAWVAULT_WORKER_PORT", "/health/ready"]
CMD ["node", "--max-semi-space-size=2", "--heap-growing-percent=30", "dist/apps/worker/main.js"]
