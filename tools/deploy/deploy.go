// Package deploy is tests alone: they hold the Dockerfiles, the Compose files and the manifests of
// Kubernetes to the rules of the programs that read them, and to ours. It is a module of its own,
// because only this knows those programs.
package deploy
