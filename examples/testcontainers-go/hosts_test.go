package verify

import "github.com/docker/docker/api/types/container"

// addHost lets the container find this machine on Linux, too.
func addHost(c *container.HostConfig) { c.ExtraHosts = append(c.ExtraHosts, host+":host-gateway") }
