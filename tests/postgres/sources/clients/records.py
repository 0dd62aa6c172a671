from importlib import import_module
from os import environ

from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

kind = "grpc" if environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc" else "http"
exporters = "opentelemetry.exporter.otlp.proto." + kind

# A line of a request, and what was counted and measured beside it.
lines = LoggerProvider()
exporter = import_module(exporters + "._log_exporter").OTLPLogExporter()
lines.add_log_record_processor(BatchLogRecordProcessor(exporter))
span = NonRecordingSpan(SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED)))
lines.get_logger("proxy").emit(
    context=set_span_in_context(span),
    severity_number=SeverityNumber.WARN,
    severity_text="WARN",
    body="upstream answered late",
    attributes={"attempt": 2, "hosts": ["a", "b"]},
)
lines.shutdown()

exporter = import_module(exporters + ".metric_exporter").OTLPMetricExporter()
points = MeterProvider([PeriodicExportingMetricReader(exporter)])
meter = points.get_meter("proxy")
meter.create_counter("downloads").add(3, {"module": "rsc.io/quote"})
meter.create_up_down_counter("open_requests").add(-2)
latency = meter.create_histogram("latency", explicit_bucket_boundaries_advisory=[0.1, 1])
for seconds in [0.05, 0.5, 0.7, 20]:
    latency.record(seconds)
points.shutdown()
