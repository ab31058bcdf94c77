# Works with the classic builder as well as with BuildKit.
ARG GO_VERSION=1.26
# BuildKit sets it. With the classic builder on another machine than amd64, pass --build-arg BUILDPLATFORM=linux/arm64.
ARG BUILDPLATFORM

# Go compiles for every platform, so that an image for another one needs no emulation.
FROM --platform=${BUILDPLATFORM:-linux/amd64} golang:${GO_VERSION}-bookworm AS build
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
ARG COMMIT
ARG DATE
ARG TARGETOS=linux
# Empty is the architecture of this stage.
ARG TARGETARCH
# Static, because the last stage has no libc; -trimpath, so that two machines build the same bytes.
RUN GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath \
  -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT} -X main.date=${DATE}" -o /out/idmock ./cmd/idmock \
  && GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -ldflags "-s -w" -o /out/probe ./cmd/probe
# Mount point for the local certificate authority of serve --hosts. A new volume inherits its owner.
RUN mkdir -p /out/data

FROM scratch
# Roots that verify deliveries to https endpoints.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/idmock /out/probe /
COPY --from=build /src/LICENSE /src/THIRD_PARTY_NOTICES /licenses/
COPY --from=build --chown=65532:65532 /out/data /data
# Numeric: the image has no passwd file, and clusters that require non-root images check a number.
USER 65532:65532
# All addresses: loopback inside the container is unreachable from outside.
ENV IDMOCK_ADDR=0.0.0.0:8080 IDMOCK_HOSTS_ADDR=0.0.0.0:443 IDMOCK_DATA_DIR=/data
EXPOSE 8080 443
STOPSIGNAL SIGTERM
ARG SOURCE=https://github.com/idmock/idmock
ARG VERSION=dev
ARG COMMIT
ARG DATE
LABEL org.opencontainers.image.title=idmock \
  org.opencontainers.image.description="A local fake of identity-verification providers for tests" \
  org.opencontainers.image.source=${SOURCE} \
  org.opencontainers.image.licenses=MIT \
  org.opencontainers.image.version=${VERSION} \
  org.opencontainers.image.revision=${COMMIT} \
  org.opencontainers.image.created=${DATE}
# The first probe runs one interval after the start, so a short interval lets dependants start soon.
# --start-interval would be cheaper, but older engines reject it.
HEALTHCHECK --interval=500ms --timeout=3s --start-period=10s --retries=3 CMD ["/probe"]
ENTRYPOINT ["/idmock"]
CMD ["serve"]
