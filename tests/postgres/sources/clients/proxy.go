package main

import (
	"context"
	"log"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// What instrumentation does: a request of a client, for which one mirror is asked after the other.
func main() {
	background := context.Background()
	shutdown, err := startTracing(background)
	if err != nil {
		log.Fatal(err)
	}
	tracer := otel.Tracer("proxy")
	path := "/rsc.io/quote/@v/v1.5.2.zip"
	begun := time.Now().Add(-100 * time.Millisecond)
	ctx, server := tracer.Start(background, "GET",
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithTimestamp(begun),
		trace.WithAttributes(attribute.String("http.request.method", "GET"), attribute.String("url.path", path)))
	attempt := func(host string, status int) {
		begun = begun.Add(10 * time.Millisecond)
		_, client := tracer.Start(ctx, "GET",
			trace.WithSpanKind(trace.SpanKindClient),
			trace.WithTimestamp(begun),
			trace.WithAttributes(
				attribute.String("http.request.method", "GET"),
				attribute.String("url.full", "http://"+host+path),
				attribute.String("server.address", host),
				attribute.Int("http.response.status_code", status)))
		client.End()
	}
	attempt("mirror-a", 503)
	attempt("mirror-b", 200)
	server.SetAttributes(attribute.Int("http.response.status_code", 200))
	server.End()
	if err := shutdown(background); err != nil {
		log.Fatal(err)
	}
}
