from time import time_ns

from opentelemetry.trace import SpanKind, set_span_in_context

# What instrumentation does: a request of a client, for which one mirror is asked after the other.
tracer = trace.get_tracer("proxy")
path = "/rsc.io/quote/@v/v1.5.2.zip"
begun = time_ns() - 100_000_000
server = tracer.start_span(
    "GET",
    kind=SpanKind.SERVER,
    start_time=begun,
    attributes={"http.request.method": "GET", "url.path": path},
)
for place, (host, status) in enumerate([("mirror-a", 503), ("mirror-b", 200)], start=1):
    tracer.start_span(
        "GET",
        context=set_span_in_context(server),
        kind=SpanKind.CLIENT,
        start_time=begun + place * 10_000_000,
        attributes={
            "http.request.method": "GET",
            "url.full": "http://" + host + path,
            "server.address": host,
            "http.response.status_code": status,
        },
    ).end()
server.set_attribute("http.response.status_code", 200)
server.end()
provider.shutdown()
