# The images of Foliocast. docs/containers.md says how to run them. In the top folder:
#   docker build -f docker/images.Dockerfile -t foliocast .                       everything in one container
#   docker build -f docker/images.Dockerfile --target queue -t foliocast-queue .  a single service
#   docker buildx bake -f docker/bake.hcl                                  all of them
# The services are one static program under four names, and nothing else: they share a layer.
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

FROM --platform=$BUILDPLATFORM $GO_IMAGE AS source
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,id=foliocast-modules,target=/go/pkg/mod go mod download
COPY . .
# netgo and osusergo as in the Makefile; nomsgpack leaves out a format that no service speaks.
ENV GOFLAGS="-trimpath -buildvcs=false -tags=netgo,osusergo,nomsgpack"

# Go compiles for another architecture by itself.
FROM source AS static
ARG TARGETOS=linux TARGETARCH VERSION=unknown DATE=
RUN --mount=type=cache,id=foliocast-modules,target=/go/pkg/mod --mount=type=cache,id=foliocast-build,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags "-s -w -X foliocast/internal/cli.version=$VERSION -X foliocast/internal/cli.date=$DATE" -o /root-fs/usr/local/bin/foliocast ./cmd/services \
 && for name in authsvc queue frontend; do ln -s foliocast /root-fs/usr/local/bin/$name; done \
 && mkdir -p /root-fs/etc/ssl/certs /root-fs/usr/share /root-fs/tmp /root-fs/var/lib/foliocast \
 && cp /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/ \
 && cp "$(go env GOROOT)/lib/time/zoneinfo.zip" /root-fs/usr/share/ \
 && echo 'foliocast:x:1000:1000::/var/lib/foliocast:/sbin/nologin' >/root-fs/etc/passwd \
 && echo 'foliocast:x:1000:' >/root-fs/etc/group \
 && chmod 1777 /root-fs/tmp && chown 1000:1000 /root-fs/var/lib/foliocast && chmod 0700 /root-fs/var/lib/foliocast

FROM scratch AS services
ARG VERSION=unknown REVISION=unknown
LABEL org.opencontainers.image.title="Foliocast" \
      org.opencontainers.image.description="Forecasts of portfolios of time series on an MPI cluster: the services and the client" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=static /root-fs/ /
ENV PATH=/usr/local/bin ZONEINFO=/usr/share/zoneinfo.zip HOME=/var/lib/foliocast
USER 1000:1000
WORKDIR /var/lib/foliocast
STOPSIGNAL SIGTERM
ENTRYPOINT ["foliocast"]

# The services listen on all addresses of their container, and speak plain HTTP unless they get a
# certificate: docs/tls.md.
FROM services AS authsvc
LABEL org.opencontainers.image.title="Foliocast authsvc"
ENV FOLIOCAST_LISTEN=:5000 FOLIOCAST_PLAIN_HTTP=true FOLIOCAST_KEY_ENCRYPTION_FILE=/var/lib/foliocast/signing.key
EXPOSE 5000
VOLUME /var/lib/foliocast
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["authsvc", "health"]
ENTRYPOINT ["authsvc"]

FROM services AS queue
LABEL org.opencontainers.image.title="Foliocast queue"
ENV FOLIOCAST_LISTEN=:7500 FOLIOCAST_PLAIN_HTTP=true
EXPOSE 7500
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["queue", "health"]
ENTRYPOINT ["queue"]

FROM services AS frontend
LABEL org.opencontainers.image.title="Foliocast frontend"
ENV FOLIOCAST_LISTEN=:8080 FOLIOCAST_PLAIN_HTTP=true FOLIOCAST_DATA_DIR=/var/lib/foliocast/data
EXPOSE 8080
VOLUME /var/lib/foliocast
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["frontend", "health"]
ENTRYPOINT ["frontend"]

# mpicalc is C and MPI, too: it is compiled on the architecture that it is for.
FROM $GO_IMAGE AS ranks
WORKDIR /src
COPY docker/install-deps.sh docker/
RUN docker/install-deps.sh compiler mpi-dev
COPY go.mod go.sum ./
RUN --mount=type=cache,id=foliocast-modules,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=unknown DATE=
RUN --mount=type=cache,id=foliocast-modules,target=/go/pkg/mod --mount=type=cache,id=foliocast-build,target=/root/.cache/go-build \
    CGO_ENABLED=1 GOFLAGS="-trimpath -buildvcs=false -tags=netgo,osusergo" go build -ldflags "-s -w -X foliocast/internal/cli.version=$VERSION -X foliocast/internal/cli.date=$DATE" -o /out/mpicalc ./mpicalc

FROM $DEBIAN_IMAGE AS mpi
COPY docker/install-deps.sh /tmp/
RUN /tmp/install-deps.sh mpi sshd && rm -rf /tmp/install-deps.sh /var/lib/apt/lists/* /var/cache/apt/* /etc/ssh/ssh_host_* \
 && useradd --uid 1000 --home-dir /var/lib/foliocast --shell /bin/sh foliocast \
 && install -d -o 1000 -g 1000 -m 0700 /var/lib/foliocast
USER 1000:1000
WORKDIR /var/lib/foliocast

# A world, or one host of it: docker/world says how they find each other.
FROM mpi AS mpicalc
ARG VERSION=unknown REVISION=unknown
LABEL org.opencontainers.image.title="Foliocast mpicalc" \
      org.opencontainers.image.description="Ranks that forecast portfolios, with Open MPI and sshd" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --chmod=0644 docker/ssh_config /etc/ssh/ssh_config.d/foliocast.conf
COPY --chmod=0644 docker/sshd_config /etc/ssh/foliocast_sshd_config
COPY --chmod=0755 docker/world /usr/local/bin/
COPY --from=ranks /out/mpicalc /usr/local/bin/
ENV FOLIOCAST_CACHE_DIR=/var/lib/foliocast/cache FOLIOCAST_READY_FILE=/tmp/ready.json
EXPOSE 2222
VOLUME /var/lib/foliocast
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["world", "health"]
ENTRYPOINT ["world"]
CMD ["alone"]

# A node of a small Slurm, to try the batch scripts with: docker/compose.slurm.yaml
FROM mpicalc AS slurm
USER root
COPY docker/install-deps.sh /tmp/
RUN /tmp/install-deps.sh cluster && rm -rf /tmp/install-deps.sh /var/lib/apt/lists/* /var/cache/apt/* /etc/munge/munge.key \
 && install -d -o 1000 -g 1000 -m 0755 /shared
COPY --chmod=0755 docker/slurm /usr/local/bin/
COPY --chmod=0755 hostfiles/slurm/ /usr/local/share/foliocast/slurm/
VOLUME /shared
EXPOSE 6817 6818
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["scontrol", "ping"]
ENTRYPOINT ["slurm"]

# Everything in one container: docker run -p 8080:8080 foliocast
FROM mpi AS foliocast
ARG VERSION=unknown REVISION=unknown
LABEL org.opencontainers.image.title="Foliocast in one container" \
      org.opencontainers.image.description="Forecasts of portfolios of time series: PostgreSQL, the services and a world of two ranks" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
USER root
COPY docker/install-deps.sh /tmp/
RUN /tmp/install-deps.sh postgres && rm -rf /tmp/install-deps.sh /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=static /root-fs/usr/local/bin/ /usr/local/bin/
COPY --from=ranks /out/mpicalc /usr/local/bin/
USER 1000:1000
# Docker reaches the services from outside the container, and publishes the ports that it is told to.
ENV FOLIOCAST_STATE=/var/lib/foliocast
EXPOSE 5000 7500 8080
VOLUME /var/lib/foliocast
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["frontend", "health", "http://127.0.0.1:8080"]
CMD ["foliocast", "up", "--np", "2", "--listen", "0.0.0.0", "--plain-http", "--show-logs"]
