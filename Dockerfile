# Works with the classic builder as well as with BuildKit.
ARG GO_VERSION=1.26

FROM golang:${GO_VERSION}-bookworm AS build
# The caller passes its own module settings; none are assumed here.
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
# Static, because the last stage has no libc; -trimpath, so that two machines build the same bytes.
RUN go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/idmock ./cmd/idmock
# Mount point for the local certificate authority of serve --hosts. A new volume inherits its owner.
RUN mkdir -p /out/data

FROM scratch
# Roots that verify deliveries to https endpoints.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/idmock /idmock
COPY --from=build /src/LICENSE /src/THIRD_PARTY_NOTICES /licenses/
COPY --from=build --chown=65532:65532 /out/data /data
# Numeric: the image has no passwd file, and clusters that require non-root images check a number.
USER 65532:65532
# All addresses: loopback inside the container is unreachable from outside.
ENV IDMOCK_ADDR=0.0.0.0:8080 IDMOCK_HOSTS_ADDR=0.0.0.0:443 IDMOCK_DATA_DIR=/data
EXPOSE 8080 443
STOPSIGNAL SIGTERM
# The first probe runs one interval after the start, so a short interval lets dependants start soon.
# --start-interval would be clearer, but older engines reject it.
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s --retries=3 CMD ["/idmock", "health"]
ENTRYPOINT ["/idmock"]
CMD ["serve"]
