# Everything is built on the Node that runs it; the image carries the sources, because Node runs TypeScript as it is.
FROM node:24-bookworm-slim AS build
WORKDIR /viascope
COPY package.json package-lock.json .npmrc ./
COPY bin ./bin
COPY prisma ./prisma
COPY prisma.config.ts ./
# Packages and the Prisma client first: they change less often than the sources.
RUN node bin/bootstrap.mjs install
COPY . .
RUN node bin/bootstrap.mjs build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /viascope
COPY --from=build --chown=node:node /viascope ./
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/viascope/node_modules/.cache/viascope-compiled \
    NEXT_TELEMETRY_DISABLED=1 \
    VIASCOPE_HOST=0.0.0.0 \
    VIASCOPE_DATA_DIR=/data
VOLUME /data
EXPOSE 3000 4317 4318 5514/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/api/ready`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/viascope.ts", "start"]
