// Package docker is the folder of the images: its tests hold Dockerfile, Compose files and
// manifests to the programs. It has no code.
package docker
