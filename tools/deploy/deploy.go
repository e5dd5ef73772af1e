// Package deploy is tests alone: they hold the Dockerfile and the Compose file to the rules of the
// programs that read them, and to ours. It is a module of its own, because only this knows those
// programs.
package deploy
