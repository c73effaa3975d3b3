// Package deploy holds what is tested of the files in deploy/ without a machine that would run them: that manifests of
// Kubernetes and the compose file keep to their schemas, which know every field, and that scripts are shell.
package deploy
