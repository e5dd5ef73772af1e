// Package docker is the folder of the images: its tests hold Dockerfile and Compose files to the
// programs. It has no code.
package docker
