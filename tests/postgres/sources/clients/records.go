package main

import (
	"context"
	"errors"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"
)

// A line of a request, and what was counted and measured beside it.
func main() {
	ctx := context.Background()
	if err := errors.Join(sendLine(ctx), sendPoints(ctx)); err != nil {
		log.Fatal(err)
	}
}

func isGrpc() bool { return os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" }

func sendLine(ctx context.Context) error {
	exporter, err := logExporter(ctx)
	if err != nil {
		return err
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
	record := otellog.Record{}
	record.SetSeverity(otellog.SeverityWarn)
	record.SetSeverityText("WARN")
	record.SetBody(attribute.StringValue("upstream answered late"))
	record.AddAttributes(attribute.Int("attempt", 2), attribute.StringSlice("hosts", []string{"a", "b"}))
	request := trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 2}, TraceFlags: trace.FlagsSampled,
	}))
	provider.Logger("proxy").Emit(request, record)
	return provider.Shutdown(ctx)
}

func logExporter(ctx context.Context) (sdklog.Exporter, error) {
	if isGrpc() {
		return otlploggrpc.New(ctx)
	}
	return otlploghttp.New(ctx)
}

func sendPoints(ctx context.Context) error {
	exporter, err := metricExporter(ctx)
	if err != nil {
		return err
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	meter := provider.Meter("proxy")
	downloads, err := meter.Int64Counter("downloads")
	if err != nil {
		return err
	}
	open, err := meter.Int64UpDownCounter("open_requests")
	if err != nil {
		return err
	}
	latency, err := meter.Float64Histogram("latency", metric.WithExplicitBucketBoundaries(0.1, 1))
	if err != nil {
		return err
	}
	downloads.Add(ctx, 3, metric.WithAttributes(attribute.String("module", "rsc.io/quote")))
	open.Add(ctx, -2)
	for _, seconds := range []float64{0.05, 0.5, 0.7, 20} {
		latency.Record(ctx, seconds)
	}
	return provider.Shutdown(ctx)
}

func metricExporter(ctx context.Context) (sdkmetric.Exporter, error) {
	if isGrpc() {
		return otlpmetricgrpc.New(ctx)
	}
	return otlpmetrichttp.New(ctx)
}
