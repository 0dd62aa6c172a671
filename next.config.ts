import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const withIntl = createNextIntlPlugin("./app/intl.ts");

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // The check runs in `npm run check`, once and for every room.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ["pg", "pino", "@prisma/adapter-pg", "@prisma/schema-engine-wasm"],
  experimental: {
    optimizePackageImports: ["@mantine/core", "@mantine/hooks"],
    // A page is loaded when it is asked for: all of them together take 20 MB.
    preloadEntriesOnStart: false,
  },
  headers: () =>
    Promise.resolve([
      {
        source: "/:path*",
        headers: [
          { key: "X-Content-Type-Options", value: "nosniff" },
          { key: "X-Frame-Options", value: "DENY" },
          {
            key: "Content-Security-Policy",
            value: "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'",
          },
          { key: "Referrer-Policy", value: "same-origin" },
        ],
      },
    ]),
};

export default withIntl(config);
