# Written for the plain builder as well as for BuildKit, so that it builds wherever there is a Docker engine.
ARG GO_VERSION=1.26

FROM golang:${GO_VERSION}-bookworm AS build
# Where modules come from is the builder's business: pass the settings you use outside, none is assumed here.
ARG GOPROXY
ARG GOSUMDB
ARG GOPRIVATE
ARG GOFLAGS
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# Half of what the binary would be is text. It reads its data files packed as well as they are.
RUN find openapi scenarios mockserver/viewer/static mockserver/control/openapi.yaml conformance/receiver/checks conformance/provider/checks -type f \
    -regex '.*/[^/]*/[^/]*\.\(yaml\|json\|js\|css\|html\)' \
    -exec sh -ec 'for file; do gzip -9n <"$file" >"$file.gz"; mv "$file.gz" "$file"; done' sh {} +
# Static, because the last stage has no libc; trimmed, so that two machines build the same bytes. What runs seldom is not
# inlined, which saves a twentieth.
RUN idmock=github.com/idmock/idmock; \
    for seldom in github.com/alecthomas/... github.com/brianvoe/... github.com/getkin/... github.com/goccy/... github.com/invopop/... \
      github.com/oasdiff/... github.com/santhosh-tekuri/... golang.org/x/text/... \
      html/template text/template/... encoding/xml encoding/json crypto/... math/big regexp/... \
      $idmock/cmd/... $idmock/conformance/... $idmock/mockserver/control; do \
      set -- "$@" "-gcflags=$seldom=-l"; \
    done; \
    go build -trimpath "$@" -ldflags "-s -w -X main.version=${VERSION}" -o /out/idmock ./cmd/idmock

# Where the local certificate authority of serve --hosts is kept: mount a volume there, which takes over whose folder it is.
RUN mkdir -p /out/data

FROM scratch
# Deliveries to https endpoints are verified against these.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/idmock /idmock
COPY --from=build --chown=65532:65532 /out/data /data
# A number, because there is no passwd file to look a name up in, and because a cluster that demands
# non-root images can only check a number.
USER 65532:65532
# All addresses: inside a container loopback would be reachable by nobody.
ENV IDMOCK_ADDR=0.0.0.0:8080 IDMOCK_HOSTS_ADDR=0.0.0.0:443 IDMOCK_DATA_DIR=/data
EXPOSE 8080 443
STOPSIGNAL SIGTERM
# The first probe comes one interval after the start, so a short one lets dependants start soon.
# (--start-interval says this better, and older engines refuse it.)
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s --retries=3 CMD ["/idmock", "health"]
ENTRYPOINT ["/idmock"]
CMD ["serve"]
