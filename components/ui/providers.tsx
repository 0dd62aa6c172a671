"use client";

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState, type ReactNode } from "react";

import { Refusal } from "../data/ask.ts";
import { theme } from "./theme.ts";

/** What every page's client parts need around them. */
export function Providers({ children }: { readonly children: ReactNode }) {
  const [queries] = useState(makeQueries);
  return (
    <QueryClientProvider client={queries}>
      <NuqsAdapter>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          {children}
        </MantineProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}

function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        refetchOnWindowFocus: true,
        // What the server refused it will refuse again; what failed on the way may pass.
        retry: (failures, error) =>
          !(error instanceof Refusal && error.status < 500) && failures < 2,
      },
    },
  });
}
