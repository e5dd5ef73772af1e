# make images, or docker buildx bake -f docker/bake.hcl: all images for this machine. For several architectures,
# with a registry: docker buildx bake -f docker/bake.hcl --set '*.platform=linux/amd64,linux/arm64' --push
# The services are cross-compiled by Go; mpicalc and the one container need an emulator or a
# builder of their architecture.
variable "REGISTRY" { default = "" }
variable "VERSION" { default = "unknown" }
variable "REVISION" { default = "unknown" }
variable "DATE" { default = "" }

function "tags" {
  params = [name]
  result = ["${REGISTRY}${name}:${replace(VERSION, "+", "-")}", "${REGISTRY}${name}:latest"]
}

group "default" { targets = ["foliocast", "authsvc", "queue", "frontend", "mpicalc"] }

target "common" {
  context    = "."
  dockerfile = "docker/Dockerfile"
  args       = { VERSION = VERSION, REVISION = REVISION, DATE = DATE }
}

target "foliocast" {
  inherits = ["common"]
  target   = "foliocast"
  tags     = tags("foliocast")
}

target "authsvc" {
  inherits = ["common"]
  target   = "authsvc"
  tags     = tags("foliocast-authsvc")
}

target "queue" {
  inherits = ["common"]
  target   = "queue"
  tags     = tags("foliocast-queue")
}

target "frontend" {
  inherits = ["common"]
  target   = "frontend"
  tags     = tags("foliocast-frontend")
}

target "mpicalc" {
  inherits = ["common"]
  target   = "mpicalc"
  tags     = tags("foliocast-mpicalc")
}
