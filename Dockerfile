# syntax=docker/dockerfile:1

# The version is that of the `node` package in package.json, on which everything is tested.
FROM node:24.21.0-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24.21.0-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json openapi.yaml ./
COPY src ./src
COPY scripts ./scripts
COPY deploy/healthcheck.mjs ./deploy/healthcheck.mjs
# Nobody's number on the machine outside. It owns nothing here, and nothing here needs to be written.
USER 10001:10001
EXPOSE 8080
# Readiness fails first, then what is in flight is finished: give it SHUTDOWN_DELAY + SHUTDOWN_GRACE and a little more.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "src/main.ts"]
